/** @file A rollout in words, for a terminal. Pure. */
import type { RolloutDeviceState } from '@alpharho/protocol';
import { formatAge } from '../../lib/format.ts';
import type { DeviceCounts, RolloutDetail, RolloutEventFacts, RolloutLine } from '../../server/rollouts/store/read.ts';
import { or, plain } from '../table.ts';

const barWidth = 20;
/** Devices on their way that are named. */
const namedDevices = 6;
const settled: readonly RolloutDeviceState[] = ['committed', 'returned'];

type Standing = Pick<RolloutLine, 'name' | 'state' | 'reason' | 'phase' | 'phases' | 'counts'>;

/** One line: where it stands and how many devices are in which state. */
export function standing({ name, counts, ...rest }: Standing): string {
  const told = countsText(counts);
  return `${name}: ${stateText(rest)}${told === '' ? '' : `; ${told}`}`;
}

/** "paused (a gate failed), phase 2 of 4". */
export function stateText({ state, reason, phase, phases }: Omit<Standing, 'name' | 'counts'>): string {
  const why = reason === null ? '' : ` (${reason.replaceAll('_', ' ')})`;
  const at = state === 'draft' || state === 'completed' ? '' : `, phase ${phase + 1} of ${phases}`;
  return `${state.replaceAll('_', ' ')}${why}${at}`;
}

/** "3 committed, 2 moving"; empty where there is none. */
export function countsText(counts: DeviceCounts): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state.replaceAll('_', ' ')}`)
    .join(', ');
}

export function eventLine({ at, level, message }: RolloutEventFacts): string {
  return plain(`${new Date(at).toISOString()}  ${level === 'info' ? '' : `${level}: `}${message}`);
}

/** As it is drawn on a terminal. */
export function progressLines(rollout: RolloutDetail, now: number): string[] {
  const { name, phaseList, soakUntil } = rollout;
  const soak = soakUntil === null ? '' : plain(`, soaks for ${formatAge(soakUntil - now)} more`);
  return [`${name}: ${stateText(rollout)}${soak}`, ...phaseList.map(phaseLine), ...movingLines(rollout), ...gateLines(rollout)];
}

function phaseLine({ counts }: RolloutDetail['phaseList'][number], index: number): string {
  const total = Object.entries(counts).reduce((sum, [state, count]) => (state === 'skipped' ? sum : sum + count), 0);
  const done = settled.reduce((sum, state) => sum + counts[state], 0);
  const filled = total === 0 ? 0 : Math.floor((barWidth * done) / total);
  return `  phase ${index + 1}  ${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ${done}/${total}  ${countsText(counts)}`.trimEnd();
}

function movingLines({ devices }: RolloutDetail): string[] {
  const moving = devices.filter(({ state }) => state === 'told' || state === 'moving' || state === 'returning');
  const lines = moving
    .slice(0, namedDevices)
    .map(
      ({ id, step, held, online, state }) => `  ${id}  ${held ? 'held before the switch' : (step ?? state)}${online ? '' : ' (offline)'}`,
    );
  return moving.length > namedDevices ? [...lines, `  and ${moving.length - namedDevices} more on their way`] : lines;
}

/** The latest word of each gate of the phase, those that do not pass in full. */
function gateLines({ verdicts, phase }: RolloutDetail): string[] {
  const latest = new Map<string, RolloutDetail['verdicts'][number]>();
  for (const verdict of verdicts) {
    const key = JSON.stringify([verdict.metric, verdict.against, verdict.hardwareClass]);
    if (verdict.phase === phase && !latest.has(key)) latest.set(key, verdict);
  }
  const all = [...latest.values()];
  if (all.length === 0) return [];
  const of = (word: string) => all.filter(({ verdict }) => verdict === word);
  const counts = ['pass', 'fail', 'inconclusive'].map((word) => `${of(word).length} ${word}`).join(', ');
  return [`  gates: ${counts}`, ...[...of('fail'), ...of('inconclusive')].slice(0, 3).map(verdictLine)];
}

/** One verdict: what was measured, and what came of it. */
export function verdictLine({ metric, against, hardwareClass, verdict, message }: RolloutDetail['verdicts'][number]): string {
  return plain(`  ${verdict}  ${metric} against ${against} on ${or(hardwareClass)}: ${message}`);
}
