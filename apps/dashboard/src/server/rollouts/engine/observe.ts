/** @file What the devices' reports mean for the rollout. */
import { isResting, type RolloutEvent } from '@alpharho/protocol';
import type { Draft, Entry } from './draft.ts';
import type { DeviceNow, Story } from './snapshot.ts';

/** States in which what this rollout last told a device still stands. */
const bound = new Set(['told', 'moving', 'committed', 'failed', 'rolled_back', 'timed_out', 'returning', 'return_failed']);

export function observe(draft: Draft): void {
  for (const entry of draft.entries()) {
    if (!bound.has(entry.state) || isSuperseded(draft, entry)) continue;
    noteProgress(draft, entry);
    const event = entry.state === 'returning' || draft.goesBack ? backward(entry) : forward(entry);
    if (event !== undefined) hear(draft, entry, event);
  }
}

/** Another desired state than ours stands there. The same variant under a newer number is an operator's second try. */
function isSuperseded(draft: Draft, { id, now, track, variant, previous, state }: Entry): boolean {
  if (track.revision === null || now.desiredRevision === track.revision) return false;
  if (now.desiredId !== null && wantedIn(state, variant, previous).includes(now.desiredId)) {
    draft.note(id, { revision: now.desiredRevision });
    return false;
  }
  if (draft.apply({ type: 'superseded', device: id })) {
    draft.tell({ kind: 'superseded', level: 'warning', message: `${id} was given another variant, and is left alone`, device: id });
  }
  return true;
}

/** What this rollout wants of a device in that state; of one that failed, also to stay with what it has. */
function wantedIn(state: Entry['state'], variant: string, previous: string | undefined): (string | undefined)[] {
  if (state === 'returning' || state === 'return_failed') return [previous];
  return state === 'told' || state === 'moving' || state === 'committed' ? [variant] : [variant, previous];
}

function noteProgress(draft: Draft, { id, now, track, variant, state }: Entry): void {
  const heard = track.revision !== null && now.seenRevision >= track.revision;
  const step = heard ? `${now.phase}${now.progress === null ? '' : ` ${now.progress}`}` : 'told';
  if (step !== track.step) draft.note(id, { step, stepAt: draft.now });
  if (!heard || state === 'returning') return;
  if (now.serving === variant && track.switchedAt === null) draft.note(id, { switchedAt: now.servingSince ?? draft.now });
  if (now.shadow !== null && !isEarly(now)) draft.note(id, { shadow: now.shadow });
}

/** Before shadowing is over, what is reported of it is of the update before. */
function isEarly({ phase }: DeviceNow): boolean {
  return ['idle', 'downloading', 'verifying', 'staged', 'warming', 'shadowing'].includes(phase);
}

function forward({ id, state, now, track, variant }: Entry): RolloutEvent | undefined {
  if (track.revision === null || now.seenRevision < track.revision || now.desiredId !== variant) return undefined;
  if (now.phase === 'committed') return now.serving === variant ? { type: 'committed', device: id } : undefined;
  if (now.phase === 'rolled_back') return { type: 'rolled_back', device: id };
  if (now.phase === 'failed') return { type: 'failed', device: id };
  if (isResting(now.phase) || state === 'moving' || (state === 'timed_out' && !hasTimeAgain(track))) return undefined;
  return { type: 'moved', device: id };
}

/** One that has had its time is on its way again only where it was let go since; else its time would be over again at the same look. */
function hasTimeAgain({ clockAt, stateAt }: Entry['track']): boolean {
  return clockAt !== null && clockAt >= stateAt;
}

function backward({ id, now, track, previous }: Entry): RolloutEvent | undefined {
  if (track.clockAt === null || track.revision === null || now.seenRevision < track.revision || now.desiredId !== previous)
    return undefined;
  if (now.phase === 'committed' && now.serving === previous) return { type: 'returned', device: id };
  // What it could not fetch it tries again by itself, until its deadline.
  const over = now.phase === 'rolled_back' || (now.phase === 'failed' && now.outcome !== 'failed_no_change');
  return over ? { type: 'return_failed', device: id } : undefined;
}

function hear(draft: Draft, entry: Entry, event: RolloutEvent): void {
  const { id, now, track } = entry;
  if (!draft.apply(event)) return;
  const bad = event.type === 'failed' || event.type === 'rolled_back' || event.type === 'return_failed';
  if (event.type !== 'moved') draft.note(id, { outcome: now.outcome, failure: bad ? now.failure : null, ...(bad && { switchedAt: null }) });
  if (event.type === 'failed' && tryAgain(draft, entry)) return;
  if (event.type === 'committed') draft.note(id, { committedAt: track.committedAt ?? draft.now });
  const told = stories[event.type]?.(entry);
  if (told !== undefined) draft.tell({ ...told, kind: event.type, device: id, data: { attempts: track.attempts, ...now.failure } });
}

/** It changed nothing there, and may come better another time; a variant that failed by running is not tried again. @returns whether it is. */
function tryAgain(draft: Draft, { id, now, track }: Entry): boolean {
  const { max, backoff } = draft.terms.retries;
  if (now.outcome !== 'failed_no_change' || track.attempts > max) return false;
  if (!draft.apply({ type: 'retry', device: id })) return false;
  const wait = backoff * 2 ** Math.max(0, track.attempts - 1);
  draft.note(id, { retryAt: draft.now + wait });
  const why = now.failure === null ? '' : `: ${now.failure.message}`;
  const message = `${id} could not take the variant${why}; it is tried again in ${Math.round(wait / 1000)} s`;
  draft.tell({ kind: 'retry', level: 'info', message, device: id, data: { attempts: track.attempts, ...now.failure } });
  return true;
}

type Words = (entry: Entry) => Pick<Story, 'level' | 'message'>;

const stories: Partial<Record<RolloutEvent['type'], Words>> = {
  committed: ({ id }) => ({ level: 'info', message: `${id} has committed the variant` }),
  failed: ({ id, now }) => ({ level: 'error', message: `${id} did not take the variant${why(now)}` }),
  rolled_back: ({ id, now }) => ({ level: 'error', message: `${id} went back by itself${why(now)}` }),
  returned: ({ id }) => ({ level: 'info', message: `${id} has its own previous variant again` }),
  return_failed: ({ id, now }) => ({ level: 'error', message: `${id} could not go back to its previous variant${why(now)}` }),
};

function why({ failure }: DeviceNow): string {
  return failure === null ? '' : `: ${failure.message}`;
}
