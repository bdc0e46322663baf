/** @file Use case: a variant's file that this program made itself enters the registry. What comes from outside goes through upload-variant. */
import type { Variant } from '@alpharho/db';
import { readVariant } from '@alpharho/mobilenet-core';
import { variantSchema } from '@alpharho/protocol';
import type { Registry } from '../registry.ts';
import { storeVariant } from './store-variant.ts';

/**
 * Stores `bytes` under their SHA-256, signs and lists the variant.
 * @throws AlpharhoError model_corrupt | model_not_variant | key_missing
 */
export async function addVariant(registry: Registry, bytes: Uint8Array, now: Date = new Date()): Promise<Variant> {
  const { rhos, labels, ...variant } = readVariant(bytes);
  const facts = { variant: variantSchema.parse(variant), labels, rhos };
  const { variant: row } = await storeVariant(
    registry,
    { facts, put: () => registry.blobs.put(bytes), how: 'it comes with the product' },
    now,
  );
  return row;
}
