/** @file Use cases of signing keys: which there are, a new one, one that no longer counts, one whose private part is elsewhere. */
import type { Database, SigningKey } from '@alpharho/db';
import { AlpharhoError, type KeyRole, keyRoles } from '@alpharho/protocol';
import { generateKey, idOfPublicKey, type PrivateKey } from '../keys/ed25519.ts';
import type { KeyFiles } from '../keys/key-files.ts';
import { latestKeySet, nextKeySet, signersAtHand } from '../keys/key-set.ts';
import { raiseChanges } from './raise-changes.ts';
import { releaseKey, signAgainAll } from './sign-manifests.ts';

type Transaction = Pick<Database, 'signingKey' | 'keySet' | 'variant' | 'variantEvent' | '$executeRaw'>;

export type ListedKey = SigningKey & {
  /** Its private part is in the data folder. */
  here: boolean;
  /** Variants in the registry that bear its signature. */
  variants: number;
};

/** Release keys from elsewhere, for a registry that has none at hand. */
type Vouching = { vouching?: readonly PrivateKey[] };

/** Oldest first. */
export async function listKeys(db: Database, files: KeyFiles): Promise<ListedKey[]> {
  const [rows, here, signed] = await Promise.all([
    db.signingKey.findMany({ orderBy: [{ createdAt: 'asc' }, { role: 'desc' }, { id: 'asc' }] }),
    files.list(),
    db.variant.groupBy({ by: ['keyId'], where: { deletedAt: null }, _count: true }),
  ]);
  const counts = new Map(signed.map(({ keyId, _count }) => [keyId, _count]));
  return rows.map((row) => ({ ...row, here: here.has(row.id), variants: counts.get(row.id) ?? 0 }));
}

/** Makes what is needed to begin: a key of each role, and the set that names them. Changes nothing where they are there. */
export async function ensureKeys(db: Database, files: KeyFiles, now: Date): Promise<void> {
  if ((await db.keySet.count()) > 0) return;
  const made = keyRoles.map((role) => ({ role, key: generateKey() }));
  for (const { key } of made) await files.write(key);
  const first = await db.$transaction(async (tx) => {
    // Two processes may begin at once.
    if ((await tx.keySet.count()) > 0) return false;
    for (const { role, key } of made) await tx.signingKey.create({ data: rowOf(role, key, now) });
    await publishKeySet(tx, files, [], now);
    return true;
  });
  if (!first) for (const { key } of made) await files.remove(key.id);
}

/**
 * Makes a key whose private part lies in the data folder, and publishes the set with it.
 * @throws AlpharhoError key_missing
 */
export async function newKey(
  db: Database,
  files: KeyFiles,
  { role, vouching = [] }: { role: KeyRole } & Vouching,
  now: Date,
): Promise<SigningKey> {
  const key = generateKey();
  await files.write(key);
  try {
    return await addKey(db, files, rowOf(role, key, now), vouching, now);
  } catch (error) {
    await files.remove(key.id);
    throw error;
  }
}

/**
 * Takes in a release key whose private part stays where it is.
 * @param request.publicKey raw 32 bytes, base64
 * @throws AlpharhoError key_missing | config_invalid (it is known already)
 */
export async function importPublicKey(
  db: Database,
  files: KeyFiles,
  { publicKey, vouching = [] }: { publicKey: string } & Vouching,
  now: Date,
): Promise<SigningKey> {
  const id = idOfPublicKey(publicKey);
  if ((await db.signingKey.count({ where: { id } })) > 0) throw new AlpharhoError('config_invalid', `key ${id} is known already`);
  return addKey(db, files, rowOf('release', { id, publicKey }, now), vouching, now);
}

/**
 * Ends the trust in a key: what it signed is signed anew by the newest that counts, and devices are told.
 * @returns how many variants were signed anew
 * @throws AlpharhoError key_unknown | key_retired | config_invalid (it is the last of its role) | key_missing
 */
export async function retireKey(
  db: Database,
  files: KeyFiles,
  { id, vouching = [] }: { id: string } & Vouching,
  now: Date,
): Promise<{ signedAnew: number }> {
  return db.$transaction(async (tx) => {
    const row = await tx.signingKey.findUnique({ where: { id } });
    if (row === null) throw new AlpharhoError('key_unknown', `there is no key ${id}; "alpharho keys list" names them`);
    if (row.retiredAt !== null) throw new AlpharhoError('key_retired', `key ${id} is retired already`);
    if ((await tx.signingKey.count({ where: { role: row.role, retiredAt: null } })) === 1) {
      const way = `make another one first, with "alpharho keys new --role ${row.role}"`;
      throw new AlpharhoError('config_invalid', `key ${id} is the only ${row.role} key: ${way}`);
    }
    await tx.signingKey.update({ where: { id }, data: { retiredAt: now } });
    const bears = await tx.variant.count({ where: { keyId: id, manifest: { not: null } } });
    const signedAnew = bears === 0 ? 0 : await signAgainAll(tx, id, await releaseKey(tx, files, vouching), now);
    await publishKeySet(tx, files, vouching, now);
    await raiseChanges(tx, ['variants', 'fleet']);
    return { signedAnew };
  });
}

async function addKey(db: Database, files: KeyFiles, row: SigningKey, vouching: readonly PrivateKey[], now: Date): Promise<SigningKey> {
  return db.$transaction(async (tx) => {
    const created = await tx.signingKey.create({ data: row });
    await publishKeySet(tx, files, vouching, now);
    return created;
  });
}

/** The hub's loop carries it to the devices. */
async function publishKeySet(tx: Transaction, files: KeyFiles, vouching: readonly PrivateKey[], now: Date): Promise<void> {
  const rows = await tx.signingKey.findMany({ orderBy: [{ createdAt: 'asc' }, { role: 'desc' }, { id: 'asc' }] });
  const signers = await signersAtHand(rows, files, vouching);
  const { version, document } = nextKeySet(rows, await latestKeySet(tx), signers, now);
  await tx.keySet.create({ data: { version, createdAt: now, document: JSON.stringify(document) } });
  await raiseChanges(tx, ['keys']);
}

function rowOf(role: KeyRole, { id, publicKey }: Pick<PrivateKey, 'id' | 'publicKey'>, now: Date): SigningKey {
  return { id, role, publicKey, createdAt: now, retiredAt: null };
}
