/** @file A picture that an operator asked for, and the clause that says how far it is. Pure. */
import { clause } from './attention.ts';
import { formatAge } from './format.ts';
import type { Connectivity } from './status.ts';

export type SnapshotFacts = {
  id: string;
  requestedAt: number;
  /** After that no answer is taken. */
  openUntil: number;
  answered: boolean;
  /** When the picture was taken. */
  at: number | null;
  errorCode: string | null;
  errorMessage: string | null;
  /** What the device saw in it. */
  label: string | null;
  width: number | null;
  height: number | null;
};

export type SnapshotStatus = { state: 'none' | 'waiting' | 'refused' | 'timed_out' | 'taken'; text: string | null };

/** @param latest the newest request. */
export function snapshotStatus(latest: SnapshotFacts | null, connectivity: Connectivity, now: number): SnapshotStatus {
  if (latest === null) return { state: 'none', text: null };
  if (latest.errorCode !== null) return { state: 'refused', text: refusal(latest) };
  if (latest.answered) return { state: 'taken', text: null };
  if (now < latest.openUntil) {
    return { state: 'waiting', text: `Asked ${formatAge(now - latest.requestedAt)} ago. A picture comes with the next frame.` };
  }
  const seconds = Math.round((latest.openUntil - latest.requestedAt) / 1000);
  const why =
    connectivity === 'offline' || connectivity === 'unknown'
      ? 'the device is offline.'
      : 'its agent may be of a version that does not know the question.';
  return { state: 'timed_out', text: `No answer within ${seconds} s: ${why}` };
}

function refusal({ errorCode, errorMessage }: SnapshotFacts): string {
  if (errorCode === 'snapshots_off')
    return 'Refused: the owner of this device has not allowed pictures. On the device, --snapshots allows them.';
  return `Refused: ${clause(errorMessage ?? 'the agent gave no reason')}`;
}
