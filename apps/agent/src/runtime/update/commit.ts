/** @file A variant becomes the device's own: kept in the store, written down, and only then are older files forgotten. */
import type { Wanted } from '../../domain/desired-door.ts';
import type { KeptState } from '../../domain/kept-state.ts';
import type { Log, ModelStore } from '../../domain/ports.ts';
import type { Keeper } from '../keeper.ts';
import type { Serving } from '../serving.ts';

export type CommitOptions = { readonly store: ModelStore; readonly serving: Serving; readonly keeper: Keeper; readonly log: Log };

/**
 * Never throws: a model folder that is not in order is logged, and takes nothing back.
 * INVARIANT: the files of the variants that the journal on the disk names are there at every instant.
 */
export async function writeCommit({ keeper, store, serving, log }: CommitOptions, wanted: Wanted): Promise<void> {
  const { variant } = wanted.manifest;
  const complain = (error: unknown): void =>
    log.error(`the model folder is not in order: ${error instanceof Error ? error.message : String(error)}`);
  // A variant that came by --model is in no store yet.
  const held = serving.current;
  if (held?.variant.sha256 === variant.sha256)
    await held
      .load()
      .then((file) => store.put(variant.sha256, file), complain)
      .catch(complain);
  const fault = await keeper.update((kept) => commit(kept, wanted));
  if (fault !== undefined) return;
  const { previous } = keeper.state;
  await store.keepOnly(previous === undefined ? [variant.sha256] : [variant.sha256, previous.sha256]).catch(complain);
}

function commit({ trying: _, ...kept }: KeptState, { manifest: { variant }, revision: own }: Wanted): KeptState {
  const { sha256 } = variant;
  const previous = kept.committed?.sha256 === sha256 ? kept.previous : kept.committed;
  // A newer desired state may have been written down meanwhile, for this variant or for another one.
  const revision = Math.max(kept.revision, own);
  const isWanted = revision === own || kept.target === sha256;
  return {
    ...kept,
    committed: variant,
    ...(previous !== undefined && { previous }),
    ...(isWanted && { revision, target: sha256, outcome: { code: 'ok' } }),
  };
}
