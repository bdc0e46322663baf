/** @file Part of use cases: a file that was looked at is stored, signed and listed. */
import type { Database, Variant } from '@alpharho/db';
import { type SignedManifest, variantLabel } from '@alpharho/protocol';
import { checkManifest, type FileFacts, signManifest } from '../keys/manifest.ts';
import type { Registry } from '../registry.ts';
import { toVariantRow } from '../wire-variant.ts';
import { raiseChanges } from './raise-changes.ts';
import { releaseKey } from './sign-manifests.ts';

export type Storing = {
  facts: FileFacts;
  /** Puts the file into the store, under its SHA-256. */
  put: () => Promise<unknown>;
  /** Signed elsewhere; the registry signs by itself unless given. */
  manifest?: SignedManifest;
  /** For its history: "converted from TFLite, …". */
  how: string;
};

export type Stored = { variant: Variant /** It was there already, signed. */; known: boolean };

/**
 * The same file again changes nothing; one that so far only a device had becomes available to all.
 * @throws AlpharhoError key_missing, and what checkManifest throws; nothing is stored then
 */
export async function storeVariant({ db, keys }: Registry, { facts, put, manifest, how }: Storing, now: Date): Promise<Stored> {
  const { variant, labels, rhos } = facts;
  const known = await db.variant.findUnique({ where: { id: variant.sha256 } });
  if (known?.stored && known.manifest !== null && manifest === undefined) {
    // An earlier run may have been cut off, or the file lost.
    await put();
    return { variant: known, known: true };
  }
  if (manifest !== undefined) checkManifest(manifest, facts, await db.signingKey.findMany());
  const signed = manifest ?? signManifest(facts, await releaseKey(db, keys), now);
  // The file first: a row promises that the file is there.
  await put();
  const row = {
    ...toVariantRow(variant),
    labels: JSON.stringify(labels),
    rhos: JSON.stringify(rhos),
    stored: true,
    addedAt: known?.addedAt ?? now,
    deletedAt: null,
    manifest: JSON.stringify(signed),
    keyId: signed.keyId,
    signedAt: now,
  };
  return db.$transaction(async (tx) => {
    const stored = await tx.variant.upsert({ where: { id: row.id }, create: row, update: row });
    if (!known?.stored) await tell(tx, row.id, now, 'added', `${variantLabel(variant)} added: ${how}`);
    await tell(tx, row.id, now, 'signed', `Signed with key ${signed.keyId}${manifest === undefined ? '' : ', elsewhere'}`);
    // A device may wait for the signature of what it was given.
    await raiseChanges(tx, ['variants', 'fleet', ...(known === null ? [] : (['intent'] as const))]);
    return { variant: stored, known: false };
  });
}

/** A line of a variant's history. */
export async function tell(db: Pick<Database, 'variantEvent'>, variantId: string, at: Date, kind: string, message: string): Promise<void> {
  await db.variantEvent.create({ data: { variantId, at, kind, message: message.slice(0, 500) }, select: { id: true } });
}
