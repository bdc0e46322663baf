/** @file The device update machine of DESIGN.md §5: a transition table and a pure reduce. The agent runs it, the hub and pages read its phases. */
import { z } from 'zod';
import type { DevicePolicy } from './device-policy.ts';
import type { ErrorCode } from './errors.ts';
import type { Sha256 } from './ids.ts';

export const updatePhases = [
  'idle',
  'downloading',
  'verifying',
  'staged',
  'warming',
  'shadowing',
  'switching',
  'probation',
  'committed',
  'rolled_back',
  'failed',
] as const;
export const updatePhaseSchema = z.enum(updatePhases);
export type UpdatePhase = z.infer<typeof updatePhaseSchema>;

/** How an update ended: refused is never retried, failed_no_change is retried with back-off. */
export const updateCodes = ['ok', 'refused', 'failed_no_change', 'rolled_back', 'unable_to_roll_back'] as const;
export const updateCodeSchema = z.enum(updateCodes);
export type UpdateCode = z.infer<typeof updateCodeSchema>;

/** Why an update did not end well. */
export type UpdateError = { readonly code: ErrorCode; readonly message: string };
export type UpdateOutcome = { readonly code: UpdateCode; readonly error?: UpdateError };

export type UpdatePolicy = {
  /** Frames that the new variant answers beside the old one before it may serve; 0 skips shadowing. */
  readonly shadowFrames: number;
  /** Good inferences of the serving new variant before it is committed. */
  readonly probationFrames: number;
  /** A variant that has proven itself is committed only at the hub's word. */
  readonly awaitsHub?: boolean;
};

/** What the machine needs to know of a desired state's policy. The hub has asked, so its word is awaited. */
export function updatePolicyOf({ shadow, probation }: DevicePolicy): UpdatePolicy {
  return { shadowFrames: shadow.frames, probationFrames: probation.frames, awaitsHub: true };
}

export type UpdateState = {
  readonly phase: UpdatePhase;
  /** Highest desired revision accepted; 0 before the first. */
  readonly revision: number;
  /** The variant that last proved itself here, and that a roll-back returns to. Absent on a device that never had one. */
  readonly committed?: Sha256;
  /** What the latest accepted desired state asks for. */
  readonly target?: Sha256;
  /** Whole percent of the download, while downloading. */
  readonly progress?: number;
  /** Good frames so far, while shadowing or in probation; never more than the policy asks for. */
  readonly frames: number;
  /** How the latest finished update ended; stays while the next one runs. */
  readonly outcome?: UpdateOutcome;
};

export type UpdateEvent =
  /**
   * The hub wants `sha256` to serve. From any phase: a newer revision cancels what runs and takes its place. `refused`: why this
   * device does not even try it (it is quarantined here).
   */
  | { readonly type: 'desired'; readonly revision: number; readonly sha256: Sha256; readonly refused?: UpdateError }
  | { readonly type: 'progress'; readonly percent: number }
  | { readonly type: 'downloaded' }
  /** Length, digest and metadata are as promised. */
  | { readonly type: 'verified' }
  | { readonly type: 'warmup_started' }
  | { readonly type: 'warmed' }
  /** One more good inference of the new variant. */
  | { readonly type: 'frame' }
  /** The new variant has answered live frames beside the old one, and as the policy asks. */
  | { readonly type: 'shadowed' }
  /** The first live frame went to the new variant. */
  | { readonly type: 'switched' }
  /** The hub has taken note that the new variant has proven itself. */
  | { readonly type: 'acknowledged' }
  /** It ended before the new variant served: for good (`refused`) or until a retry. */
  | { readonly type: 'failed'; readonly code: 'refused' | 'failed_no_change'; readonly error: UpdateError }
  /** The new variant served badly; the committed one serves again. */
  | { readonly type: 'reverted'; readonly error: UpdateError }
  /** The new variant served badly and there is no way back. */
  | { readonly type: 'revert_failed'; readonly error: UpdateError }
  /** The back-off after `failed_no_change` has passed. */
  | { readonly type: 'retry' };
export type UpdateEventType = UpdateEvent['type'];

/**
 * Phase → event → the phases it may lead to. An event that a phase does not list changes nothing there, so a late word of
 * a cancelled run does no harm. `desired` stands apart: it is heard in every phase (see {@link reduce}).
 */
export const updateTransitions = {
  idle: {},
  downloading: { progress: ['downloading'], downloaded: ['verifying'], failed: ['failed'] },
  verifying: { verified: ['staged'], failed: ['failed'] },
  staged: { warmup_started: ['warming'], failed: ['failed'] },
  warming: { warmed: ['shadowing', 'switching'], failed: ['failed'] },
  shadowing: { frame: ['shadowing'], shadowed: ['switching'], failed: ['failed'] },
  switching: { switched: ['probation', 'committed'], failed: ['failed'], reverted: ['rolled_back'], revert_failed: ['failed'] },
  probation: { frame: ['probation', 'committed'], acknowledged: ['committed'], reverted: ['rolled_back'], revert_failed: ['failed'] },
  committed: {},
  rolled_back: {},
  failed: { retry: ['downloading'] },
} as const satisfies Record<UpdatePhase, { [E in Exclude<UpdateEventType, 'desired'>]?: readonly UpdatePhase[] }>;

/** Phases in which nothing is under way. */
export const restingPhases = ['idle', 'committed', 'rolled_back', 'failed'] as const satisfies readonly UpdatePhase[];

export function isResting(phase: UpdatePhase): boolean {
  return (restingPhases as readonly UpdatePhase[]).includes(phase);
}

/** All the good frames of the probation have come; before a commit, the hub's word may be missing still. */
export function isProven({ phase, frames }: UpdateState, { probationFrames }: UpdatePolicy): boolean {
  return phase === 'probation' && frames >= probationFrames;
}

/** Where a device begins. `committed` is what it already serves, if anything. */
export function initialUpdateState(committed?: Sha256): UpdateState {
  return { phase: 'idle', revision: 0, frames: 0, ...(committed !== undefined && { committed }) };
}

/**
 * Where a device goes on after a restart, from what its journal kept. A finished update stays finished; an unfinished or
 * retryable one becomes `idle`, in which the same desired revision starts it anew.
 */
export function resumeUpdateState(kept: Pick<UpdateState, 'revision' | 'committed' | 'target' | 'outcome'>): UpdateState {
  return { ...kept, phase: resumedPhase(kept), frames: 0 };
}

function resumedPhase({ committed, target, outcome }: Pick<UpdateState, 'committed' | 'target' | 'outcome'>): UpdatePhase {
  if (target === undefined) return 'idle';
  switch (outcome?.code) {
    case 'ok':
      return committed === target ? 'committed' : 'idle';
    case 'refused':
    case 'unable_to_roll_back':
      return 'failed';
    case 'rolled_back':
      return 'rolled_back';
    case 'failed_no_change':
    case undefined:
      return 'idle';
  }
}

/**
 * The next state. Total: every event is answered in every phase, and one that does not apply gives back the very same object.
 * @param policy of the desired state that is followed.
 */
export function reduce(state: UpdateState, event: UpdateEvent, policy: UpdatePolicy): UpdateState {
  if (event.type === 'desired') return want(state, event);
  if (!Object.hasOwn(updateTransitions[state.phase], event.type)) return state;
  switch (event.type) {
    case 'progress':
      return advance(state, event.percent);
    case 'downloaded':
      return enter(state, 'verifying');
    case 'verified':
      return enter(state, 'staged');
    case 'warmup_started':
      return enter(state, 'warming');
    case 'warmed':
      return enter(state, policy.shadowFrames > 0 ? 'shadowing' : 'switching');
    case 'frame':
      return countFrame(state, policy);
    case 'shadowed':
      return enter(state, 'switching');
    case 'switched':
      return policy.probationFrames > 0 || policy.awaitsHub === true ? enter(state, 'probation') : commit(state);
    case 'acknowledged':
      return isProven(state, policy) ? commit(state) : state;
    case 'failed':
      return finish(state, 'failed', { code: event.code, error: event.error });
    case 'reverted':
      return finish(state, 'rolled_back', { code: 'rolled_back', error: event.error });
    case 'revert_failed':
      return finish(state, 'failed', { code: 'unable_to_roll_back', error: event.error });
    case 'retry':
      return state.outcome?.code === 'failed_no_change' ? enter(state, 'downloading') : state;
  }
}

/** A lower revision is stale and the same one is already in hand, except right after a restart (`idle`), where it is taken up again. */
function want(state: UpdateState, { revision, sha256, refused }: Extract<UpdateEvent, { type: 'desired' }>): UpdateState {
  const again = revision === state.revision && state.phase === 'idle';
  if (revision <= state.revision && !again) return state;
  const next: UpdateState = { ...state, revision, target: sha256 };
  if (sha256 === state.committed) return commit(next);
  // The same variant under a newer number: what runs for it goes on.
  if (sha256 === state.target && !isResting(state.phase)) return next;
  return refused === undefined ? enter(next, 'downloading') : finish(next, 'failed', { code: 'refused', error: refused });
}

function advance(state: UpdateState, percent: number): UpdateState {
  const progress = Math.min(Math.max(Math.floor(percent), state.progress ?? 0), 100);
  return progress === state.progress ? state : { ...state, progress };
}

function countFrame(state: UpdateState, policy: UpdatePolicy): UpdateState {
  const needed = state.phase === 'shadowing' ? policy.shadowFrames : policy.probationFrames;
  if (state.frames >= needed) return state;
  const next = { ...state, frames: state.frames + 1 };
  return isProven(next, policy) && policy.awaitsHub !== true ? commit(next) : next;
}

function commit(state: UpdateState): UpdateState {
  const { committed: _, ...rest } = finish(state, 'committed', { code: 'ok' });
  return state.target === undefined ? rest : { ...rest, committed: state.target };
}

function finish(state: UpdateState, phase: UpdatePhase, outcome: UpdateOutcome): UpdateState {
  return { ...enter(state, phase), outcome };
}

/** Counters belong to one phase and start anew with the next. */
function enter({ progress: _, ...state }: UpdateState, phase: UpdatePhase): UpdateState {
  return { ...state, phase, frames: 0 };
}
