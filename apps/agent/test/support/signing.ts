/** @file Keys and signatures for tests, as a hub makes them. */
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  encodeBody,
  type KeyRole,
  type Keys,
  keyIdOf,
  type PublicSigningKey,
  type Signed,
  type SignedKind,
  signedBytes,
} from '@alpharho/protocol';

export type TestKey = PublicSigningKey & { readonly secret: KeyObject };

export function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}

export function newKey(role: KeyRole): TestKey {
  const { privateKey: secret } = generateKeyPairSync('ed25519');
  const raw = createPublicKey(secret).export({ type: 'spki', format: 'der' }).subarray(-32);
  return { id: keyIdOf(sha256(raw)), role, publicKey: raw.toString('base64'), secret };
}

export function signatureOf(kind: SignedKind, body: string, { secret }: TestKey): string {
  return sign(null, signedBytes(kind, body), secret).toString('base64');
}

export function signText(kind: SignedKind, body: string, key: TestKey): Signed {
  return { v: 1, keyId: key.id, signature: signatureOf(kind, body, key), body };
}

export function signDocument<K extends SignedKind>(kind: K, document: Parameters<typeof encodeBody<K>>[1], key: TestKey): Signed {
  return signText(kind, encodeBody(kind, document), key);
}

/** @param retired ids of keys whose signatures count no more */
export function keySet(version: number, keys: readonly TestKey[], signers: readonly TestKey[], retired: readonly string[] = []): Keys {
  const entries = keys.map(({ id, role, publicKey }) => ({ id, role, publicKey, ...(retired.includes(id) && { retired: true as const }) }));
  const body = encodeBody('keys', { v: 1, version, issuedAt: 1, keys: entries });
  return { v: 1, body, signatures: signers.map((key) => ({ keyId: key.id, signature: signatureOf('keys', body, key) })) };
}

/** Those of the hub that tests usually speak for. */
export const hubKeys = { release: newKey('release'), desired: newKey('desired') };
export const hubKeySet = keySet(1, [hubKeys.release, hubKeys.desired], [hubKeys.release]);
