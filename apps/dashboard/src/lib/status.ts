/** @file A device's facts → the three words that every page uses for it: connectivity, update, severity. Pure. */
import type { UpdatePhase } from '@alpharho/protocol';
import { thresholds } from './thresholds.ts';

/** `unknown`: the hub is down, and nothing else hears devices. */
export type Connectivity = 'online' | 'late' | 'offline' | 'new' | 'unknown';

export type UpdateState =
  | 'no_target'
  | 'on_target'
  | 'waiting'
  | 'waiting_offline'
  | 'downloading'
  | 'verifying'
  | 'staged'
  | 'warming'
  | 'shadowing'
  | 'switching'
  | 'probation'
  | 'committed'
  | 'rolled_back'
  | 'failed'
  | 'refused'
  | 'quarantined';

/** What a square can say: beside a device's own update, what a rollout does with it. */
export type SquareState = UpdateState | 'returning' | 'cancelled';

export type Severity = 'critical' | 'warning' | 'notice';

export type ConnectivityStatus = { state: Connectivity; since: number | null };
export type UpdateStatus = { state: UpdateState; since: number | null; percent: number | null };

export const connectivityWords: Record<Connectivity, string> = {
  online: 'Online',
  late: 'Late',
  offline: 'Offline',
  new: 'New',
  unknown: 'Unknown',
};

export const updateWords: Record<UpdateState, string> = {
  no_target: 'No target',
  on_target: 'On target',
  waiting: 'Waiting',
  waiting_offline: 'Waiting, offline',
  downloading: 'Downloading',
  verifying: 'Verifying',
  staged: 'Staged',
  warming: 'Warming',
  shadowing: 'Shadowing',
  switching: 'Switching',
  probation: 'Probation',
  committed: 'Committed',
  rolled_back: 'Rolled back',
  failed: 'Failed',
  refused: 'Refused',
  quarantined: 'Quarantined',
};

const moving = new Set<UpdateState>(['downloading', 'verifying', 'staged', 'warming', 'shadowing', 'switching', 'probation']);

/** Only these words are written in the accent. */
export function isInMotion(state: UpdateState): boolean {
  return moving.has(state);
}

export type ConnectivityFacts = { presence: string; presenceAt: number | null; lastSeenAt: number | null };

/**
 * @param hubRunning whether anything can be heard at all.
 * @returns the state, and since when: the last message while it is heard, else the moment it went.
 */
export function connectivityOf(facts: ConnectivityFacts, now: number, hubRunning = true): ConnectivityStatus {
  const { presence, presenceAt, lastSeenAt } = facts;
  if (lastSeenAt === null && presenceAt === null) return { state: 'new', since: null };
  const heard = Math.max(lastSeenAt ?? 0, presenceAt ?? 0);
  if (presence !== 'online') return { state: 'offline', since: presenceAt ?? heard };
  if (!hubRunning) return { state: 'unknown', since: heard };
  const silence = now - heard;
  if (silence >= thresholds.offlineMs) return { state: 'offline', since: heard };
  return { state: silence >= thresholds.lateMs ? 'late' : 'online', since: heard };
}

export type UpdateFacts = {
  servingId: string | null;
  servingSince: number | null;
  desiredId: string | null;
  desiredAt: number | null;
  desiredRevision: number;
  seenRevision: number;
  phase: string;
  phaseSince: number | null;
  progress: number | null;
  outcome: string | null;
  errorCode: string | null;
};

/** What a reported phase is called once the device has seen its newest target; `idle` depends on what serves. */
export const phaseStates: Partial<Record<UpdatePhase, UpdateState>> = {
  downloading: 'downloading',
  verifying: 'verifying',
  staged: 'staged',
  warming: 'warming',
  shadowing: 'shadowing',
  switching: 'switching',
  probation: 'probation',
  rolled_back: 'rolled_back',
  failed: 'failed',
};

export function updateOf(facts: UpdateFacts, connectivity: Connectivity): UpdateStatus {
  const { desiredId, servingId, desiredAt, phaseSince } = facts;
  if (desiredId === null) return { state: 'no_target', since: null, percent: null };
  const waiting: UpdateStatus = {
    state: connectivity === 'offline' || connectivity === 'new' ? 'waiting_offline' : 'waiting',
    since: desiredAt,
    percent: null,
  };
  const arrived = servingId === desiredId;
  const state = phaseStates[facts.phase as UpdatePhase];
  const seen = facts.seenRevision >= facts.desiredRevision;
  if (arrived && (state === undefined || !moving.has(state))) {
    if (facts.phase === 'committed') return { state: 'committed', since: phaseSince, percent: null };
    return { state: 'on_target', since: facts.servingSince, percent: null };
  }
  if (!seen || state === undefined) return waiting;
  const refused = state === 'failed' && facts.outcome === 'refused';
  const quarantined = refused && facts.errorCode === 'quarantined';
  return {
    state: quarantined ? 'quarantined' : refused ? 'refused' : state,
    since: phaseSince,
    percent: state === 'downloading' ? facts.progress : null,
  };
}

/** Does the device serve something else than it is meant to? */
export function isOffTarget(facts: Pick<UpdateFacts, 'servingId' | 'desiredId'>): boolean {
  return facts.desiredId !== null && facts.servingId !== facts.desiredId;
}

/** Off target and not on its way by itself: somebody has to act. */
export function needsOperator(state: UpdateState): boolean {
  return state === 'failed' || state === 'refused' || state === 'quarantined' || state === 'rolled_back';
}
