/** @file Reads and writes the bodies of signed documents. A body is read only after its signature was found good. */
import type { z } from 'zod';
import { checked, type Decoded } from './codec.ts';
import { AlpharhoError } from './errors.ts';
import { manifestBodySchema } from './manifest.ts';
import { desiredBodySchema } from './messages/desired.ts';
import { keysBodySchema } from './messages/keys.ts';
import { maxBodyChars, type SignedKind } from './signed.ts';

export const bodySchemas = {
  desired: desiredBodySchema,
  manifest: manifestBodySchema,
  keys: keysBodySchema,
} as const satisfies Record<SignedKind, z.ZodType>;

export type BodyOf<K extends SignedKind> = z.infer<(typeof bodySchemas)[K]>;

const versions = { desired: 2, manifest: 1, keys: 1 } as const satisfies { [K in SignedKind]: BodyOf<K>['v'] };

/** @returns the document, or a code and a sentence that says what was wrong, where, and what would be right. */
export function decodeBody<K extends SignedKind>(kind: K, body: string): Decoded<BodyOf<K>> {
  if (body.length > maxBodyChars[kind]) {
    return { ok: false, code: 'payload_too_large', message: `${kind}: ${body.length} characters, at most ${maxBodyChars[kind]}` };
  }
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { ok: false, code: 'payload_not_json', message: `${kind}: the signed text is not JSON` };
  }
  return checked(kind, json, versions[kind], bodySchemas[kind]) as Decoded<BodyOf<K>>;
}

/**
 * The text to sign.
 * @throws AlpharhoError payload_invalid, payload_too_large: both are faults of the caller.
 */
export function encodeBody<K extends SignedKind>(kind: K, document: z.input<(typeof bodySchemas)[K]>): string {
  const parsed = checked(kind, document, versions[kind], bodySchemas[kind]);
  if (!parsed.ok) throw new AlpharhoError(parsed.code, parsed.message);
  const body = JSON.stringify(parsed.value);
  if (body.length > maxBodyChars[kind]) {
    throw new AlpharhoError('payload_too_large', `${kind}: ${body.length} characters, at most ${maxBodyChars[kind]}`);
  }
  return body;
}
