/** @file Where a variant's file comes from, and what is kept of it. */
import type { VariantInfo } from '@alpharho/mobilenet-core';
import { AlpharhoError, type Sha256 } from '@alpharho/protocol';
import type { ModelStore } from '../../domain/ports.ts';
import type { Held } from '../serving.ts';

/** A path stands on the whole base address, its own path included: the hub may live behind a prefix. */
export function modelAddress(url: string, base: URL): URL {
  return url.startsWith('/') ? new URL(`${base.href.replace(/\/$/, '')}${url}`) : new URL(url);
}

/** A variant whose file lies in the store. */
export function heldInStore(store: ModelStore, variant: VariantInfo): Held {
  return { variant, load: () => loadFrom(store, variant.sha256) };
}

/** @throws AlpharhoError model_missing, digest_mismatch, internal */
export async function loadFrom(store: ModelStore, sha256: Sha256): Promise<Uint8Array> {
  const file = await store.load(sha256);
  if (file === undefined) throw new AlpharhoError('model_missing', `variant ${sha256.slice(0, 12)} is not in the model folder any more`);
  return file;
}
