/** @file desired (hub → agent, retained, signed): what one device is to be, which number it has, how long it holds. */
import { z } from 'zod';
import { devicePolicySchema } from '../device-policy.ts';
import { deviceIdSchema, timestampSchema } from '../ids.ts';
import { signedManifestSchema } from '../manifest.ts';
import { signedSchema } from '../signed.ts';

/** For how long a desired state holds. */
export const desiredValidityMs = 7 * 24 * 3_600_000;
/** How often the hub signs it anew, with the same revision. */
export const desiredRenewalMs = 24 * 3_600_000;

export const revisionSchema = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

export const modelUrlSchema = z
  .string()
  .max(2000)
  .regex(/^(https?:\/\/|\/(?!\/))/, 'expected an http(s) URL or a path that starts with one "/"')
  .describe("Where the bytes are: an absolute http(s) URL, or a path on the hub's own HTTP port");

export const desiredBodySchema = z
  .object({
    v: z.literal(2),
    device: deviceIdSchema.describe('Whom it is for; every other device refuses it'),
    revision: revisionSchema.describe(
      'Rises with each change of the variant; a lower one than the last seen, or another variant under the same one, is refused',
    ),
    issuedAt: timestampSchema.describe('Hub clock'),
    expiresAt: timestampSchema.describe('Not followed after this; the hub renews it well before'),
    manifest: signedManifestSchema.describe('The variant that the device is to serve, signed by a release key'),
    url: modelUrlSchema,
    policy: devicePolicySchema.prefault({}),
    hold: z.literal(true).describe('Fetch and check the variant, but do not begin to run it').optional(),
    pardon: z
      .literal(true)
      .describe('The variant may be tried again on a device that has quarantined it; heard once for each revision')
      .optional(),
  })
  .refine(({ issuedAt, expiresAt }) => expiresAt > issuedAt, { path: ['expiresAt'], message: 'expected a time after issuedAt' });
export type DesiredBody = z.infer<typeof desiredBodySchema>;

export const desiredSchema = signedSchema('desired').describe('What the device is to be, signed by a desired key');
