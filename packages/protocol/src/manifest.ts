/** @file manifest: what a variant's file is, signed. It binds α, ρ, precision, labels, weights and bytes to one digest. */
import { z } from 'zod';
import { sha256Schema, timestampSchema } from './ids.ts';
import { signedSchema } from './signed.ts';
import { rhoSchema, variantSchema } from './variant.ts';

export const manifestBodySchema = z.object({
  v: z.literal(1),
  variant: variantSchema,
  labels: sha256Schema.describe("SHA-256 of the label list's JSON text, written without spaces: JSON.stringify(labels)"),
  rhos: z
    .array(rhoSchema)
    .min(1)
    .max(32)
    .describe('Every resolution that the file serves, the largest first; absent where it serves one')
    .optional(),
  golden: z
    .object({
      top: z
        .array(z.object({ class: z.number().int().min(0).max(99_999), probability: z.number().min(0).max(1.0001) }))
        .min(1)
        .max(5)
        .describe('Highest probability first'),
      tolerance: z.number().min(0).max(1).default(0.1).describe('How far a probability may be off'),
    })
    .describe('What the variant answers to the golden input of its resolution; a device that gets another answer does not serve it')
    .optional(),
  signedAt: timestampSchema,
});
export type ManifestBody = z.infer<typeof manifestBodySchema>;

export const signedManifestSchema = signedSchema('manifest').describe("The variant's manifest, signed by a release key");
export type SignedManifest = z.infer<typeof signedManifestSchema>;
