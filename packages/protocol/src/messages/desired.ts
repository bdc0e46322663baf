/** @file desired (hub → agent, retained): what the device is to be. Numbered, so that an older one is refused. */
import { z } from 'zod';
import { timestampSchema } from '../ids.ts';
import { variantSchema } from '../variant.ts';

export const desiredSchema = z.object({
  v: z.literal(1),
  /** Rises by one or more with each change for this device; a lower one than the last seen is refused. */
  revision: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  issuedAt: timestampSchema,
  variant: variantSchema,
  /** Where the bytes are: an absolute http(s) URL, or a path on the hub's own HTTP port. */
  url: z
    .string()
    .max(2000)
    .regex(/^(https?:\/\/|\/)/, 'an http(s) URL or a path that starts with "/"'),
});
export type Desired = z.infer<typeof desiredSchema>;
