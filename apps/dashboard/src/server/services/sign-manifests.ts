/** @file Part of use cases: manifests get their signature, or another one where a key no longer counts. */
import type { Database } from '@alpharho/db';
import { AlpharhoError, type KeyRole } from '@alpharho/protocol';
import type { PrivateKey } from '../keys/ed25519.ts';
import type { KeyFiles } from '../keys/key-files.ts';
import { readManifest, signAgain } from '../keys/manifest.ts';

type Transaction = Pick<Database, 'variant' | 'variantEvent'>;

/**
 * @param vouching release keys whose private parts are elsewhere
 * @returns the newest release key that counts and is at hand
 * @throws AlpharhoError key_missing
 */
export async function releaseKey(
  db: Pick<Database, 'signingKey'>,
  files: KeyFiles,
  vouching: readonly PrivateKey[] = [],
): Promise<PrivateKey> {
  const { key, names } = await newestAtHand(db, files, 'release', vouching);
  if (key !== undefined) return key;
  throw new AlpharhoError(
    'key_missing',
    `nothing can be signed here: the private part of the release key ${names} is not in the data folder. Sign where it is, with "alpharho variants sign", and add the file with --manifest`,
  );
}

/**
 * @returns the newest key for desired states that counts and is at hand
 * @throws AlpharhoError key_missing
 */
export async function desiredKey(db: Pick<Database, 'signingKey'>, files: KeyFiles): Promise<PrivateKey> {
  const { key, names } = await newestAtHand(db, files, 'desired', []);
  if (key !== undefined) return key;
  throw new AlpharhoError(
    'key_missing',
    `devices cannot be told what to be: the private part of the key for desired states, ${names}, is not in ${files.folder}; put its file back, or make another with "alpharho keys new --role desired"`,
  );
}

async function newestAtHand(
  db: Pick<Database, 'signingKey'>,
  files: KeyFiles,
  role: KeyRole,
  vouching: readonly PrivateKey[],
): Promise<{ key: PrivateKey | undefined; names: string }> {
  const rows = await db.signingKey.findMany({ where: { role, retiredAt: null }, orderBy: { createdAt: 'desc' } });
  for (const { id } of rows) {
    const key = vouching.find((each) => each.id === id) ?? (await files.read(id));
    if (key !== undefined) return { key, names: id };
  }
  return { key: undefined, names: rows.map(({ id }) => id).join(', ') };
}

/** Signs with `key` what bears the signature of key `oldId`. @returns how many. */
export async function signAgainAll(tx: Transaction, oldId: string, key: PrivateKey, now: Date): Promise<number> {
  const rows = await tx.variant.findMany({ where: { keyId: oldId, manifest: { not: null } }, select: { id: true, manifest: true } });
  for (const { id, manifest } of rows) {
    const signed = signAgain(readManifest(manifest ?? ''), key, now);
    await tx.variant.update({
      where: { id },
      data: { manifest: JSON.stringify(signed), keyId: key.id, signedAt: now },
      select: { id: true },
    });
    const message = `Signed anew with key ${key.id}, as key ${oldId} was retired`;
    await tx.variantEvent.create({ data: { variantId: id, at: now, kind: 'signed', message } });
  }
  return rows.length;
}
