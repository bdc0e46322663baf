/** @file keys (hub → agent, retained): whose signatures count. Each set is signed by a release key of the set before. */
import { z } from 'zod';
import { timestampSchema } from '../ids.ts';
import { keyIdSchema, maxBodyChars, publicKeySchema, signatureSchema } from '../signed.ts';

/** `release` signs manifests and key sets, and may lie offline; `desired` signs desired states, and is the hub's. */
export const keyRoles = ['release', 'desired'] as const;
export const keyRoleSchema = z.enum(keyRoles);
export type KeyRole = z.infer<typeof keyRoleSchema>;

export const maxKeys = 32;

export const signingKeySchema = z.object({
  id: keyIdSchema,
  role: keyRoleSchema,
  publicKey: publicKeySchema,
  retired: z.literal(true).describe('Its signatures do not count any more').optional(),
});
export type PublicSigningKey = z.infer<typeof signingKeySchema>;

export const keysBodySchema = z
  .object({
    v: z.literal(1),
    version: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).describe('Rises with each change; a device takes no lower one'),
    issuedAt: timestampSchema,
    keys: z.array(signingKeySchema).min(1).max(maxKeys),
  })
  .superRefine(({ keys }, context) => {
    const again = keys.findIndex(({ id }, index) => keys.findIndex((other) => other.id === id) < index);
    if (again >= 0) context.addIssue({ code: 'custom', path: ['keys', again, 'id'], message: 'expected each key once' });
    if (keys.some(({ role, retired }) => role === 'release' && retired !== true)) return;
    context.addIssue({
      code: 'custom',
      path: ['keys'],
      message: 'expected a release key that is not retired: nobody could sign the next set',
    });
  });
export type KeysBody = z.infer<typeof keysBodySchema>;

export const keysSchema = z.object({
  v: z.literal(1),
  body: z.string().min(2).max(maxBodyChars.keys).describe('JSON text of the key set; exactly this text is signed'),
  signatures: z
    .array(z.object({ keyId: keyIdSchema, signature: signatureSchema }))
    .min(1)
    .max(8)
    .describe('At least one by a release key of the set before; of the first set, by one of its own'),
});
export type Keys = z.infer<typeof keysSchema>;
