/** @file The way back: each device gets its own previous variant again, a bounded number of those that served the new one at once. */
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
  draft.intend(entry, { variant: entry.previous, hold: false, way: 'back', pardon: true });
  if (entry.state === 'returning') draft.note(entry.id, { clockAt: draft.now, step: 'told', stepAt: draft.now });
}
