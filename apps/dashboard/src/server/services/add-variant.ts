/** @file Use case: a variant's file enters the registry, so that it can be given to devices. */
import type { Database, Variant } from '@alpharho/db';
import { readVariant } from '@alpharho/mobilenet-core';
import type { BlobStore } from '../blob-store.ts';
import { toVariantRow } from '../wire-variant.ts';
import { raiseChanges } from './raise-changes.ts';

/**
 * Stores `bytes` under their SHA-256 and lists the variant. The same file again changes nothing; one that so far only a device had
 * becomes available to all.
 * @throws AlpharhoError model_corrupt | model_not_variant
 */
export async function addVariant(db: Database, blobs: BlobStore, bytes: Uint8Array): Promise<Variant> {
  const info = readVariant(bytes);
  const known = await db.variant.findUnique({ where: { id: info.sha256 } });
  // The file first: a row promises that the file is there. An earlier run may have been cut off between the two.
  await blobs.put(bytes);
  if (known?.stored) return known;
  const row = { ...toVariantRow(info), labels: JSON.stringify(info.labels), stored: true };
  const [variant] = await db.$transaction([
    db.variant.upsert({ where: { id: row.id }, create: row, update: row }),
    raiseChanges(db, ['variants', 'fleet']),
  ]);
  return variant;
}
