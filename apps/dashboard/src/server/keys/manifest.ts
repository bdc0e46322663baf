/** @file Manifests: what a variant's file is, signed by a release key. Made here, or where the private key lies. */
import { createHash } from 'node:crypto';
import {
  AlpharhoError,
  decodeBody,
  encodeBody,
  type ManifestBody,
  type SignedManifest,
  signedManifestSchema,
  type Variant,
  variantSchema,
} from '@alpharho/protocol';
import { isSignatureOf, type PrivateKey, signBody } from './ed25519.ts';

/** What is known of a variant's file once it has been looked at. */
export type FileFacts = {
  variant: Variant;
  /** A name for each class. */
  labels: readonly string[];
  /** Every ρ that it serves, largest first. */
  rhos: readonly number[];
  /** What it answers to the golden input. */
  golden?: ManifestBody['golden'];
};

/** A release key as far as checking a signature goes. */
export type KnownKey = { id: string; role: string; publicKey: string; retiredAt: Date | null };

export function signManifest(facts: FileFacts, key: PrivateKey, now: Date): SignedManifest {
  return signBody('manifest', encodeBody('manifest', { ...bodyOf(facts), signedAt: now.getTime() }), key);
}

/** The same manifest under another key. */
export function signAgain(signed: SignedManifest, key: PrivateKey, now: Date): SignedManifest {
  return signBody('manifest', encodeBody('manifest', { ...readBody(signed), signedAt: now.getTime() }), key);
}

/** @param text of a file. @throws AlpharhoError payload_not_json | payload_invalid */
export function readManifest(text: string): SignedManifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new AlpharhoError('payload_not_json', 'the manifest is not JSON; "alpharho variants sign" writes one', { cause });
  }
  const parsed = signedManifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new AlpharhoError('payload_invalid', `the manifest: ${issue?.path.join('.') || 'it'}: ${issue?.message}`.slice(0, 500));
}

/**
 * @param keys that the registry knows
 * @throws AlpharhoError key_unknown | key_retired | key_role | signature_invalid | payload_* | variant_mismatch (it is of another file, or
 * says of this one what the file does not)
 */
export function checkManifest(signed: SignedManifest, facts: FileFacts, keys: readonly KnownKey[]): void {
  const key = keys.find(({ id }) => id === signed.keyId);
  if (key === undefined) {
    const advice = 'take its public part in with "alpharho keys import-public"';
    throw new AlpharhoError('key_unknown', `the manifest is signed with key ${signed.keyId}, which this registry does not know; ${advice}`);
  }
  if (key.retiredAt !== null)
    throw new AlpharhoError('key_retired', `the manifest is signed with key ${key.id}, which was retired; sign it anew`);
  if (key.role !== 'release') {
    throw new AlpharhoError(
      'key_role',
      `the manifest is signed with key ${key.id}, which is for desired states; a release key signs variants`,
    );
  }
  if (!isSignatureOf('manifest', signed.body, signed.signature, key.publicKey)) {
    throw new AlpharhoError(
      'signature_invalid',
      `the manifest's signature is not that of key ${key.id} over this text: it was changed since`,
    );
  }
  const { signedAt: _, golden: _golden, ...said } = readBody(signed);
  const { golden: _own, ...found } = bodyOf(facts);
  const differing = differences(said, found);
  if (differing.length === 0) return;
  throw new AlpharhoError('variant_mismatch', `the manifest is not this file's: they differ in ${differing.join(', ')}`);
}

function bodyOf({ variant, labels, rhos, golden }: FileFacts): Omit<ManifestBody, 'signedAt'> {
  return {
    v: 1,
    variant: variantSchema.parse(variant),
    labels: createHash('sha256').update(JSON.stringify(labels)).digest('hex'),
    ...(rhos.length > 1 && { rhos: [...rhos] }),
    ...(golden !== undefined && { golden }),
  };
}

function readBody({ body }: SignedManifest): ManifestBody {
  const decoded = decodeBody('manifest', body);
  if (decoded.ok) return decoded.value;
  throw new AlpharhoError(decoded.code, decoded.message);
}

/** Names of the facts in which the two differ. */
function differences(said: Omit<ManifestBody, 'signedAt' | 'golden'>, found: Omit<ManifestBody, 'signedAt' | 'golden'>): string[] {
  const flat = ({ variant, labels, rhos }: typeof said): Record<string, unknown> => ({ ...variant, labels, rhos });
  const [a, b] = [flat(said), flat(found)];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]));
}
