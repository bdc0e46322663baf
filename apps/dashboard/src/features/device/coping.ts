/** @file What the agent had to do to keep up, in clauses for people. Pure. */
import { clause, sentence } from '@/lib/attention.ts';
import type { DeviceFacts } from '@/lib/device-facts.ts';
import { formatInteger, plural } from '@/lib/format.ts';
import type { SystemFacts } from '@/server/queries/device.ts';

export type CopingNote = { key: 'governor' | 'outbox' | 'inference' | 'policy'; text: string; since: number | null };

/** The outbox's streams in the order of their worth, and what one entry is called. */
const streams: [string, string][] = [
  ['status', 'update phase'],
  ['events', 'event'],
  ['telemetry', 'telemetry window'],
  ['results', 'result'],
];

/** @param system null before the first telemetry window. */
export function copingNotes({ governor, inference }: DeviceFacts, system: SystemFacts | null): CopingNote[] {
  const notes: CopingNote[] = [];
  if (governor !== null && governor.step > 0) {
    const why = clause(governor.reason ?? 'the agent gave no reason');
    notes.push({ key: 'governor', text: `Governed down to step ${governor.step} of ${governor.of - 1}: ${why}`, since: governor.since });
  }
  if (inference?.reason !== undefined) {
    const text = inference.reason.startsWith('not tuned')
      ? sentence(inference.reason)
      : `Runs on ${inference.provider}: ${clause(inference.reason)}`;
    notes.push({ key: 'inference', text, since: null });
  }
  if (system !== null && system.published !== null && system.published < system.classified) {
    const text = `Publishes ${formatInteger(system.published)} of the ${plural(system.classified, 'result')} of its last window, by its policy.`;
    notes.push({ key: 'policy', text, since: null });
  }
  const lost = streams.flatMap(([stream, word]) => {
    const count = system?.outboxDropped[stream] ?? 0;
    return count === 0 ? [] : [plural(count, word)];
  });
  if (lost.length > 0)
    notes.push({ key: 'outbox', text: `Given up by the outbox since the agent started: ${lost.join(', ')}.`, since: null });
  return notes;
}
