/**
 * @file One look at a rollout: what its devices did, who has had his time, where it goes, and who is told what. Pure: called again and
 * again with what is written down, it leads from start to end, and remembers nothing.
 */
import type { RolloutEvent } from '@alpharho/protocol';
import { timeOut } from './deadlines.ts';
import { Draft } from './draft.ts';
import { moveOn } from './move-on.ts';
import { observe } from './observe.ts';
import type { Decision, DeviceNow, GateWord, Newcomer, Snapshot } from './snapshot.ts';
import type { Terms } from './terms.ts';
import { giveTurns } from './turns.ts';
import { giveBack } from './way-back.ts';

export type Heard = {
  /** What the gates said, where the decision before asked for it. */
  readonly word?: GateWord | undefined;
  /** Devices that have come to the targets, each with what the hub knows of it. */
  readonly newcomers?: readonly { readonly device: Newcomer; readonly now: DeviceNow }[] | undefined;
};

export function decide(snapshot: Snapshot, terms: Terms, now: number, { word, newcomers = [] }: Heard = {}): Decision {
  const draft = new Draft(snapshot, terms, now);
  for (const { device, now: facts } of newcomers) draft.join(device, facts);
  observe(draft);
  timeOut(draft);
  moveOn(draft, word);
  giveTurns(draft);
  giveBack(draft);
  return draft.decision();
}

/** What an operator's word does. @returns undefined where it changes nothing. */
export function command(snapshot: Snapshot, terms: Terms, now: number, event: RolloutEvent): Decision | undefined {
  const draft = new Draft(snapshot, terms, now);
  const failed = draft.entries().filter(({ state }) => state !== 'waiting');
  if (!draft.apply(event)) return undefined;
  if (event.type === 'retry') {
    // It counts anew, and is told though it had failed.
    for (const { id } of failed) if (draft.entry(id)?.state === 'waiting') draft.note(id, { attempts: 0, retryAt: null });
  }
  return draft.decision();
}
