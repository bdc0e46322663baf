/**
 * @file Use case: an operator pauses, resumes, approves, skips, aborts, rolls back or retries. The machine moves at once; the hub's loop
 * tells the devices, those on their way too, a moment later.
 */
import type { Database } from '@alpharho/db';
import { AlpharhoError, type RolloutEvent, type RolloutState } from '@alpharho/protocol';
import { command } from '../rollouts/engine/decide.ts';
import { type LoadedRollout, loadRollout } from '../rollouts/store/load.ts';
import { type Transaction, writeDecision } from '../rollouts/store/write.ts';

export const steerings = ['pause', 'resume', 'approve', 'skip', 'abort', 'roll_back', 'retry'] as const;
export type Steering = {
  readonly type: (typeof steerings)[number];
  /** The phase that the operator saw, from 0; a word for an earlier one was somebody else's too, and changes nothing. */
  readonly phase?: number | undefined;
  /** Of a retry: this device only. */
  readonly device?: string | undefined;
  /** The version that the operator saw; a word about another one is refused. */
  readonly version?: number | undefined;
};

export type Steered = { readonly state: RolloutState; readonly phase: number; readonly version: number; readonly changed: boolean };

/**
 * Saying it twice is saying it once.
 * @throws AlpharhoError rollout_unknown | rollout_conflict
 */
export async function steerRollout(db: Database, id: string, steering: Steering, now: Date): Promise<Steered> {
  return db.$transaction((tx) => steerWithin(tx, id, steering, now));
}

async function steerWithin(tx: Transaction, id: string, steering: Steering, now: Date): Promise<Steered> {
  const loaded = theRollout(await loadRollout(tx, id), id);
  const { progress } = loaded.snapshot;
  if (isDone(loaded, steering)) return { state: progress.state, phase: progress.phase, version: loaded.version, changed: false };
  if (steering.version !== undefined && steering.version !== loaded.version) {
    throw conflict(loaded, `has moved on since you looked; it is ${stateOf(loaded)} now`);
  }
  const decision = command(loaded.snapshot, loaded.terms, now.getTime(), toEvent(steering, progress.phase));
  if (decision === undefined) throw conflict(loaded, `is ${stateOf(loaded)}: ${impossible[steering.type]}`);
  await writeDecision(tx, loaded, decision, now.getTime());
  const { state, phase } = decision.after.progress;
  return { state, phase, version: loaded.version + 1, changed: true };
}

/** @throws AlpharhoError rollout_unknown */
export function theRollout<T>(found: T | null, id: string): T {
  if (found === null) throw new AlpharhoError('rollout_unknown', `rollout ${id.slice(0, 40)}: there is none; check its id`);
  return found;
}

/** It is so already: by the same click, or by somebody else's. */
function isDone({ snapshot: { progress } }: LoadedRollout, { type, phase }: Steering): boolean {
  const { state } = progress;
  switch (type) {
    case 'pause':
      return state === 'paused';
    case 'resume':
      return ['scheduled', 'running', 'soaking', 'evaluating', 'awaiting_approval', 'rolling_back'].includes(state);
    case 'approve':
    case 'skip':
      return phase !== undefined && phase < progress.phase;
    case 'abort':
      return state === 'aborted';
    case 'roll_back':
      return state === 'rolling_back' || state === 'rolled_back';
    case 'retry':
      return false;
  }
}

function toEvent({ type, phase, device }: Steering, current: number): RolloutEvent {
  switch (type) {
    case 'pause':
      return { type, reason: 'operator' };
    case 'approve':
    case 'skip':
      return { type, phase: phase ?? current };
    case 'retry':
      return device === undefined ? { type } : { type, device };
    default:
      return { type };
  }
}

const impossible: Record<Steering['type'], string> = {
  pause: 'there is nothing to pause',
  resume: 'there is nothing to resume',
  approve: 'it does not wait for approval',
  skip: 'there is no soak time, gate or approval to skip',
  abort: 'there is nothing to abort',
  roll_back: 'nothing was given that could be taken back; abort it instead',
  retry: 'no device has failed that could be tried again',
};

function stateOf({ snapshot: { progress } }: LoadedRollout): string {
  return progress.state.replaceAll('_', ' ');
}

function conflict({ name }: LoadedRollout, what: string): AlpharhoError {
  return new AlpharhoError('rollout_conflict', `rollout ${JSON.stringify(name)}: ${what}`);
}
