/**
 * @file Signed documents. What is signed is the very text that travels, under a prefix that names its kind: nothing is brought into a
 * canonical form, and a signature of one kind is none of another. Ed25519 itself is the programs' own part (node:crypto).
 */
import { z } from 'zod';

/** `desired`: what a device is to be; `manifest`: what a variant's file is; `keys`: whose signatures count. */
export const signedKinds = ['desired', 'manifest', 'keys'] as const;
export type SignedKind = (typeof signedKinds)[number];

/** Longest text of each kind, UTF-16 units. Each fits its topic with every character escaped as JSON text needs it. */
export const maxBodyChars = { desired: 20_000, manifest: 6_000, keys: 16_000 } as const satisfies Record<SignedKind, number>;

export const keyIdSchema = z
  .string()
  .regex(/^[0-9a-f]{16}$/, 'a key id is 16 lower-case hexadecimal digits')
  .describe("The first 16 hexadecimal digits of the SHA-256 of the public key's 32 bytes");
export type KeyId = z.infer<typeof keyIdSchema>;

export const publicKeySchema = z
  .string()
  .regex(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/, 'a public key is 32 bytes in base64')
  .describe('Ed25519, the raw 32 bytes in base64');

export const signatureSchema = z
  .string()
  .regex(/^[A-Za-z0-9+/]{85}[AQgw]==$/, 'a signature is 64 bytes in base64')
  .describe('Ed25519 over "alpharho/<kind>/1\\n" and the UTF-8 bytes of `body`, base64');

/** @param sha256 of the public key's raw bytes, hexadecimal */
export function keyIdOf(sha256: string): KeyId {
  return keyIdSchema.parse(sha256.slice(0, 16));
}

const encoder = new TextEncoder();

/** The bytes that a signature of this kind covers. */
export function signedBytes(kind: SignedKind, body: string): Uint8Array {
  return encoder.encode(`alpharho/${kind}/1\n${body}`);
}

/** A document with its one signature; `body` is kept and passed on as the text that it is. */
export function signedSchema(kind: SignedKind) {
  return z.object({
    v: z.literal(1),
    keyId: keyIdSchema,
    signature: signatureSchema,
    body: z.string().min(2).max(maxBodyChars[kind]).describe(`JSON text of the ${kind} document; exactly this text is signed`),
  });
}
export type Signed = z.infer<ReturnType<typeof signedSchema>>;
