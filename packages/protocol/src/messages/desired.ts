/** @file desired (hub → agent, retained): what the device is to be. Numbered, so that an older one is refused. */
import { z } from 'zod';
import { timestampSchema } from '../ids.ts';
import { variantSchema } from '../variant.ts';

export const desiredSchema = z.object({
  v: z.literal(1),
  revision: z
    .number()
    .int()
    .min(1)
    .max(Number.MAX_SAFE_INTEGER)
    .describe('Rises by one or more with each change for this device; a lower one than the last seen is refused'),
  issuedAt: timestampSchema.describe('Hub clock'),
  variant: variantSchema.describe('The variant that the device is to serve'),
  url: z
    .string()
    .max(2000)
    .regex(/^(https?:\/\/|\/)/, 'an http(s) URL or a path that starts with "/"')
    .describe("Where the bytes are: an absolute http(s) URL, or a path on the hub's own HTTP port"),
});
export type Desired = z.infer<typeof desiredSchema>;
