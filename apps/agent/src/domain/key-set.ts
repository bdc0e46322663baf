/** @file Whose signatures count on this device: one key set, and the rules by which another one takes its place. */
import {
  AlpharhoError,
  type BodyOf,
  type Decoded,
  decodeBody,
  type ErrorCode,
  type KeyRole,
  type Keys,
  keyIdOf,
  type PublicSigningKey,
  type Signed,
  signedBytes,
} from '@alpharho/protocol';
import type { Signatures } from './ports.ts';

export type KeySet = {
  readonly version: number;
  readonly keys: readonly PublicSigningKey[];
  /** The text that was signed: two sets are the same where their texts are. */
  readonly body: string;
};

const roleOf = { desired: 'desired', manifest: 'release' } as const satisfies Record<string, KeyRole>;

/**
 * @returns what was signed
 * @throws AlpharhoError key_unknown, key_retired, key_role, signature_invalid; what is wrong with the text, payload_invalid and its kin
 */
export function openSigned<K extends keyof typeof roleOf>(kind: K, signed: Signed, set: KeySet, signatures: Signatures): BodyOf<K> {
  const fault = faultOf(signed, { bytes: signedBytes(kind, signed.body), role: roleOf[kind], what: kind }, set, signatures);
  if (fault !== undefined) throw fault;
  return required(decodeBody(kind, signed.body));
}

/** A set that was found good before. @throws AlpharhoError payload_invalid and its kin */
export function readKeySet({ body }: Keys): KeySet {
  const { version, keys } = required(decodeBody('keys', body));
  return { version, keys, body };
}

/**
 * @param pinned the set that counts until now; undefined: none, and the first one is taken
 * @returns the set that counts from now on: `pinned` itself where nothing is new
 * @throws AlpharhoError keys_stale, key_unknown, key_retired, key_role, signature_invalid, payload_invalid and its kin
 */
export function acceptKeys(pinned: KeySet | undefined, message: Keys, signatures: Signatures): KeySet {
  if (message.body === pinned?.body) return pinned;
  const offered = readKeySet(message);
  const { version } = offered;
  if (pinned !== undefined && version <= pinned.version) {
    throw new AlpharhoError('keys_stale', `key set ${version} is not newer than ${pinned.version}, which this device has; it is ignored`);
  }
  checkIds(offered, signatures);
  // The first set is signed by a key of its own: a set that was tampered with on its way is no set at all.
  const signers = pinned ?? offered;
  const paper = { bytes: signedBytes('keys', message.body), role: 'release', what: `key set ${version}` } as const;
  const faults = message.signatures.map((signature) => faultOf(signature, paper, signers, signatures));
  if (!faults.includes(undefined)) throw worst(faults.filter((fault) => fault !== undefined));
  return offered;
}

type Paper = { readonly bytes: Uint8Array; readonly role: KeyRole; readonly what: string };

function faultOf(
  { keyId, signature }: Pick<Signed, 'keyId' | 'signature'>,
  { bytes, role, what }: Paper,
  { keys, version }: KeySet,
  signatures: Signatures,
): AlpharhoError | undefined {
  const key = keys.find(({ id }) => id === keyId);
  const fault = (code: ErrorCode, why: string) => new AlpharhoError(code, `${what}: key ${keyId} ${why}; it is ignored`);
  if (key === undefined) return fault('key_unknown', `is not in key set ${version}`);
  if (key.retired === true) return fault('key_retired', `was retired in key set ${version}`);
  if (key.role !== role) return fault('key_role', `is a ${key.role} key, expected a ${role} key`);
  if (!signatures.verify(key.publicKey, bytes, signature)) return fault('signature_invalid', 'did not sign this text');
  return undefined;
}

/** The fault that says most, where several signatures were tried. */
function worst(faults: readonly AlpharhoError[]): AlpharhoError {
  const order: readonly ErrorCode[] = ['signature_invalid', 'key_retired', 'key_role', 'key_unknown'];
  const ranked = [...faults].sort((a, b) => order.indexOf(a.code) - order.indexOf(b.code));
  return ranked[0] ?? new AlpharhoError('signature_invalid', 'the key set carries no signature; it is ignored');
}

function checkIds({ keys }: KeySet, signatures: Signatures): void {
  const wrong = keys.find(({ id, publicKey }) => id !== keyIdOf(signatures.sha256(Buffer.from(publicKey, 'base64'))));
  if (wrong !== undefined) throw new AlpharhoError('payload_invalid', `keys: ${wrong.id} is not the id of its public key`);
}

function required<T>(decoded: Decoded<T>): T {
  if (decoded.ok) return decoded.value;
  throw new AlpharhoError(decoded.code, decoded.message);
}
