/** @file The key set that devices trust: made of the registry's keys, numbered, signed by a release key that the set before knows. */
import type { Database, SigningKey } from '@alpharho/db';
import { AlpharhoError, decodeBody, encodeBody, type Keys, type KeysBody, keysSchema, maxKeys } from '@alpharho/protocol';
import { type PrivateKey, signatureOf } from './ed25519.ts';
import type { KeyFiles } from './key-files.ts';

/** Signatures on one set. More release keys than that at a time serve nobody. */
const mostSignatures = 8;

export type PublishedKeySet = { version: number; document: Keys };

type KeySetReader = Pick<Database, 'keySet'>;

/** @returns the latest set, undefined before the first. */
export async function latestKeySet(db: KeySetReader): Promise<PublishedKeySet | undefined> {
  const row = await db.keySet.findFirst({ orderBy: { version: 'desc' } });
  return row === null ? undefined : { version: row.version, document: keysSchema.parse(JSON.parse(row.document)) };
}

/** @throws AlpharhoError where the document is not of this protocol: a fault of this program, which made it. */
export function keySetBody({ document }: Pick<PublishedKeySet, 'document'>): KeysBody {
  const decoded = decodeBody('keys', document.body);
  if (decoded.ok) return decoded.value;
  throw new AlpharhoError(decoded.code, decoded.message);
}

/**
 * Private parts of release keys that are at hand, with `extra` from elsewhere. Retired ones sign too: a device that has missed some sets
 * knows only them, and a signature that it does not need harms nobody.
 */
export async function signersAtHand(rows: readonly SigningKey[], files: KeyFiles, extra: readonly PrivateKey[]): Promise<PrivateKey[]> {
  const signers = new Map(extra.map((key) => [key.id, key]));
  for (const { id, role } of rows) {
    const key = role !== 'release' || signers.has(id) ? undefined : await files.read(id);
    if (key !== undefined) signers.set(id, key);
  }
  return [...signers.values()];
}

/**
 * Signs the next set out of `rows`.
 * @param signers whose private parts are at hand
 * @throws AlpharhoError key_missing where none of them is a release key that the set before trusts: devices would refuse the new one
 */
export function nextKeySet(
  rows: readonly SigningKey[],
  before: PublishedKeySet | undefined,
  signers: readonly PrivateKey[],
  now: Date,
): PublishedKeySet {
  const version = (before?.version ?? 0) + 1;
  const keys = named(rows).map(({ id, role, publicKey, retiredAt }) => ({
    id,
    role: role as 'release' | 'desired',
    publicKey,
    ...(retiredAt !== null && { retired: true as const }),
  }));
  const trusted = activeReleaseKeys(before === undefined ? keys : keySetBody(before).keys);
  if (!signers.some(({ id }) => trusted.includes(id))) {
    throw new AlpharhoError(
      'key_missing',
      `the set of keys cannot be signed anew: the private part of none of its release keys (${trusted.join(', ')}) is in the data folder; name its file with --key`,
    );
  }
  const body = encodeBody('keys', { v: 1, version, issuedAt: now.getTime(), keys });
  const vouching = signers.toSorted((a, b) => Number(trusted.includes(b.id)) - Number(trusted.includes(a.id))).slice(0, mostSignatures);
  const signatures = vouching.map((key) => ({ keyId: key.id, signature: signatureOf('keys', body, key) }));
  return { version, document: { v: 1, body, signatures } };
}

/** All that count, and of the retired ones the latest: a key that a set does not name counts as little. */
function named(rows: readonly SigningKey[]): SigningKey[] {
  const retired = rows.filter(({ retiredAt }) => retiredAt !== null).sort((a, b) => Number(b.retiredAt) - Number(a.retiredAt));
  const room = maxKeys - (rows.length - retired.length);
  const kept = new Set(retired.slice(0, Math.max(0, room)));
  return rows.filter((row) => row.retiredAt === null || kept.has(row));
}

function activeReleaseKeys(keys: KeysBody['keys']): string[] {
  return keys.filter(({ role, retired }) => role === 'release' && retired !== true).map(({ id }) => id);
}
