/** @file Who is told now, who holds and who is let go: as many at once, and in a minute, as the phase allows. */
import { isResting } from '@alpharho/protocol';
import { nextRevision } from '../next-revision.ts';
import { isOpen, nextChange } from '../windows.ts';
import type { Draft, Entry } from './draft.ts';

/** More go into the next look, a moment later: the database is everybody's. */
const mostAtOnce = 50;
const minuteMs = 60_000;

export function giveTurns(draft: Draft): void {
  const { state } = draft.progress;
  if (draft.goesBack) return;
  if (state === 'paused') holdAll(draft);
  else if (state !== 'draft' && state !== 'scheduled') giveThem(draft);
}

function giveThem(draft: Draft): void {
  const open = isOpen(draft.terms.windows, draft.now);
  draft.wake(nextChange(draft.terms.windows, draft.now));
  if (!open) holdAll(draft);
  const slots = new Slots(draft);
  if (open) for (const entry of draft.entries()) if (mayGo(entry) && slots.take()) letGo(draft, entry);
  if (draft.progress.state !== 'running') return;
  for (const entry of draft.entries()) if (mayBeTold(draft, entry) && slots.takeTurn()) tell(draft, entry, open);
}

/** What has not begun to switch waits where it is. */
function holdAll(draft: Draft): void {
  for (const entry of draft.entries()) {
    const under = entry.state === 'told' || entry.state === 'moving';
    if (under && !entry.now.desiredHold && isBeforeSwitch(entry)) draft.hold(entry, true);
  }
}

function isBeforeSwitch({ now, track }: Entry): boolean {
  if (track.revision === null || now.seenRevision < track.revision) return true;
  return ['idle', 'downloading', 'verifying', 'staged', 'failed'].includes(now.phase);
}

/** One that was told to hold, for it was away or it was not the time, and is there now. */
function mayGo({ state, now, track, variant }: Entry): boolean {
  const ours = state === 'told' || state === 'moving' || state === 'timed_out';
  return ours && now.online && now.desiredHold && now.desiredId === variant && now.desiredRevision === track.revision;
}

function letGo(draft: Draft, entry: Entry): void {
  draft.hold(entry, false);
  draft.note(entry.id, { clockAt: draft.now, stepAt: draft.now });
}

function mayBeTold(draft: Draft, { state, phase, now, track }: Entry): boolean {
  if (state !== 'waiting' || phase > draft.progress.phase) return false;
  if (track.retryAt !== null && track.retryAt > draft.now) {
    draft.wake(track.retryAt);
    return false;
  }
  return isTellable({ now, track });
}

/** Without what has proven itself there, there is no way back; and what runs for somebody else is not cut off. */
export function isTellable({ now, track }: Pick<Entry, 'now' | 'track'>): boolean {
  if (now.serving === null || now.phase === 'switching' || now.phase === 'probation' || nextRevision(now) === undefined) return false;
  const atRest = isResting(now.phase) && now.seenRevision >= now.desiredRevision;
  return atRest || !now.online || now.desiredRevision === track.revision;
}

function tell(draft: Draft, entry: Entry, open: boolean): void {
  const { id, now, track, variant } = entry;
  if (now.serving === null || !draft.apply({ type: 'told', device: id, previous: now.serving })) return;
  // Devices that are away would all come at once when they return.
  const hold = !open || !now.online;
  // An operator's second try, which counts anew, is also leave to try what is quarantined there.
  const pardon = track.revision !== null && track.attempts === 0;
  draft.intend(entry, { variant, hold, way: 'forward', pardon });
  const at = draft.now;
  const fresh = { retryAt: null, switchedAt: null, shadow: null, outcome: null, failure: null, note: null };
  draft.note(id, { toldAt: at, clockAt: at, step: 'told', stepAt: at, attempts: track.attempts + 1, ...fresh });
}

/** INVARIANT: counts what is under way, so that neither turns nor leave to go on exceed what the phase allows. */
class Slots {
  private readonly draft: Draft;
  private free: number;
  private turns: number;

  constructor(draft: Draft) {
    this.draft = draft;
    const { concurrency, perMinute } = this.phase();
    const entries = draft.entries();
    this.free = concurrency - entries.filter(occupies).length;
    this.turns = Math.min(mostAtOnce, perMinute === undefined ? mostAtOnce : this.turnsLeft(entries, perMinute));
  }

  /** To go on. */
  take(): boolean {
    if (this.free <= 0) return false;
    this.free -= 1;
    return true;
  }

  /** To be told. */
  takeTurn(): boolean {
    if (this.turns <= 0) {
      // Where the rate keeps it back, its own time wakes; where it was too many for one look, the next one follows at once.
      if (this.phase().perMinute === undefined) this.draft.wake(this.draft.now);
      return false;
    }
    if (!this.take()) return false;
    this.turns -= 1;
    return true;
  }

  private phase() {
    const { phases } = this.draft.terms;
    return phases[Math.min(this.draft.progress.phase, phases.length - 1)] ?? { concurrency: 1, perMinute: undefined };
  }

  private turnsLeft(entries: readonly Entry[], perMinute: number): number {
    const { now } = this.draft;
    // Fewer than one in a minute: one in as long as it takes.
    const span = perMinute >= 1 ? minuteMs : minuteMs / perMinute;
    const recent = entries.flatMap(({ track }) => (track.toldAt !== null && track.toldAt > now - span ? track.toldAt : []));
    if (recent.length > 0) this.draft.wake(Math.min(...recent) + span);
    return Math.max(1, Math.floor(perMinute)) - recent.length;
  }
}

/** It is on its way, or fetches; one that is away, or stands and holds, takes nobody's place. */
function occupies({ state, now, track }: Entry): boolean {
  if (state !== 'told' && state !== 'moving') return false;
  if (!now.desiredHold) return true;
  if (!now.online || now.held) return false;
  return track.revision === null || now.seenRevision < track.revision || ['downloading', 'verifying'].includes(now.phase);
}
