/** @file presence (agent → hub, retained): birth and last will, paired by session so that a stale will is ignored. */
import { z } from 'zod';
import { sessionIdSchema, timestampSchema } from '../ids.ts';

export const presenceSchema = z.object({
  v: z.literal(1),
  session: sessionIdSchema,
  state: z.enum(['online', 'offline']),
  /** Device clock at publish; in a last will, at connect. */
  at: timestampSchema,
  /** Why offline: `stopped` (orderly exit) or `lost` (the will, sent by the broker). */
  reason: z.enum(['stopped', 'lost']).optional(),
  agent: z
    .object({
      version: z.string().max(50),
      /** What the camera is, as the operator wrote it, secrets redacted. */
      camera: z.string().max(300),
      hardware: z.object({
        /** Board or machine model: "Raspberry Pi 4 Model B Rev 1.4", or the CPU's name. */
        model: z.string().max(200),
        arch: z.string().max(20),
        cores: z.number().int().min(1).max(4096),
        memoryBytes: z.number().int().positive(),
      }),
    })
    .optional(),
});
export type Presence = z.infer<typeof presenceSchema>;
