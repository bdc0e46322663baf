/** @file The way back: each device gets its own previous variant again, a bounded number of those that served the new one at once. */
import { nextRevision } from '../next-revision.ts';
import type { Draft, Entry } from './draft.ts';

/** More go into the next look, a moment later. */
const mostAtOnce = 50;

export function giveBack(draft: Draft): void {
  const { state } = draft.progress;
  if (state === 'rolling_back') {
    const committed = draft.entries().filter((entry) => entry.state === 'committed');
    // Who came last goes first. The machine says how many.
    for (const { id } of committed.reverse()) if (!draft.apply({ type: 'give_back', device: id })) break;
  }
  let left = mostAtOnce;
  for (const entry of draft.entries()) {
    if (!isToBeToldBack(draft, entry)) continue;
    if (left > 0) tellBack(draft, entry);
    else draft.wake(draft.now);
    left -= 1;
  }
  if (state === 'rolling_back') draft.apply({ type: 'settled' });
}

function isToBeToldBack(draft: Draft, { state, now, track, variant, previous }: Entry): boolean {
  if (previous === undefined || track.revision === null || now.desiredRevision !== track.revision) return false;
  if (state === 'returning') return track.clockAt === null && draft.progress.state !== 'paused';
  if (now.desiredId !== variant) return false;
  // Nothing changed there, but the device would go on trying.
  if (state === 'failed' && track.outcome === 'failed_no_change') return true;
  return draft.goesBack && (state === 'failed' || state === 'rolled_back');
}

function tellBack(draft: Draft, entry: Entry): void {
  if (entry.previous === undefined) return;
  if (nextRevision(entry.now) === undefined) {
    cannotTell(draft, entry);
    return;
  }
  draft.intend(entry, { variant: entry.previous, hold: false, way: 'back', pardon: true });
  if (entry.state === 'returning') draft.note(entry.id, { clockAt: draft.now, step: 'told', stepAt: draft.now });
}

function cannotTell(draft: Draft, { id, now }: Entry): void {
  if (!draft.apply({ type: 'return_failed', device: id })) return;
  const message = `claims to have seen revision ${now.seenRevision}, the last there is: it can be told nothing`;
  draft.note(id, { failure: { code: 'desired_stale', message, at: draft.now } });
  draft.tell({
    kind: 'return_failed',
    level: 'error',
    message: `${id} could not go back to its previous variant: it ${message}`,
    device: id,
  });
}
