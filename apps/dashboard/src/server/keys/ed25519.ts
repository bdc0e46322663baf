/** @file Ed25519 as signed documents use it: keys, their ids, signatures over the bytes that packages/protocol names. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { AlpharhoError, type KeyId, keyIdOf, type Signed, type SignedKind, signedBytes } from '@alpharho/protocol';

/** A key whose private part is at hand. */
export type PrivateKey = {
  id: KeyId;
  /** Raw 32 bytes, base64. */
  publicKey: string;
  key: KeyObject;
};

/** What stands before the 32 bytes of a public key in its SPKI form (RFC 8410). */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');

export function generateKey(): PrivateKey {
  return withId(generateKeyPairSync('ed25519').privateKey);
}

/** @param what whose text it is, for the message @throws AlpharhoError config_invalid where `pem` is no Ed25519 private key */
export function readPrivatePem(pem: string, what: string): PrivateKey {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return withId(key);
  } catch (cause) {
    throw new AlpharhoError('config_invalid', `${what} is no private key: a PKCS8 PEM file of an Ed25519 key is expected`, { cause });
  }
  throw new AlpharhoError('config_invalid', `${what} is a private key of another kind: Ed25519 is expected`);
}

export function writePrivatePem({ key }: PrivateKey): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** @param publicKey raw 32 bytes, base64 */
export function idOfPublicKey(publicKey: string): KeyId {
  return keyIdOf(createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex'));
}

/** The signature alone, base64. */
export function signatureOf(kind: SignedKind, body: string, { key }: PrivateKey): string {
  return sign(null, signedBytes(kind, body), key).toString('base64');
}

export function signBody(kind: SignedKind, body: string, key: PrivateKey): Signed {
  return { v: 1, keyId: key.id, signature: signatureOf(kind, body, key), body };
}

/** @param publicKey raw 32 bytes, base64 @returns whether the signature is that key's, over this very text. */
export function isSignatureOf(kind: SignedKind, body: string, signature: string, publicKey: string): boolean {
  const key = createPublicKey({ key: Buffer.concat([spkiPrefix, Buffer.from(publicKey, 'base64')]), format: 'der', type: 'spki' });
  return verify(null, signedBytes(kind, body), key, Buffer.from(signature, 'base64'));
}

function withId(key: KeyObject): PrivateKey {
  const raw = createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(spkiPrefix.length);
  const publicKey = raw.toString('base64');
  return { id: idOfPublicKey(publicKey), publicKey, key };
}
