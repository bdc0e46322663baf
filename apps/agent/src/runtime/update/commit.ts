/** @file A variant becomes the device's own: written down, kept in the store, and older files forgotten. */
import type { Desired } from '@alpharho/protocol';
import type { Log, ModelStore } from '../../domain/ports.ts';
import type { Keeper } from '../keeper.ts';
import type { Serving } from '../serving.ts';

export type CommitOptions = { readonly store: ModelStore; readonly serving: Serving; readonly keeper: Keeper; readonly log: Log };

/** Never throws: a model folder that is not in order is logged, and takes nothing back. */
export async function writeCommit({ keeper, store, serving, log }: CommitOptions, desired: Desired): Promise<void> {
  const { sha256 } = desired.variant;
  const before = keeper.state.committed?.sha256;
  try {
    // A variant that came by --model is in no store yet.
    const held = serving.current;
    if (held?.variant.sha256 === sha256) await store.put(sha256, await held.load());
    await store.keepOnly(before === undefined ? [sha256] : [sha256, before]);
  } catch (error) {
    log.error(`the model folder is not in order: ${error instanceof Error ? error.message : String(error)}`);
  }
  await keeper.update(({ trying: _, ...kept }) => {
    // A newer desired state may have been written down meanwhile, for this variant or for another one.
    const revision = Math.max(kept.revision, desired.revision);
    const isWanted = revision === desired.revision || kept.target === sha256;
    return { ...kept, committed: desired.variant, ...(isWanted && { revision, target: sha256, outcome: { code: 'ok' } }) };
  });
}
