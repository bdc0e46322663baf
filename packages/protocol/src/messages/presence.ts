/** @file presence (agent → hub, retained): birth and last will, paired by session so that a stale will is ignored. */
import { z } from 'zod';
import { sessionIdSchema, timestampSchema } from '../ids.ts';

export const presenceSchema = z.object({
  v: z.literal(1),
  session: sessionIdSchema,
  state: z.enum(['online', 'offline']).describe('`online` at birth; `offline` at an orderly exit and in the last will'),
  at: timestampSchema.describe('Device clock at publish; in a last will, at connect'),
  reason: z.enum(['stopped', 'lost']).describe('Why offline: `stopped` (orderly exit) or `lost` (the will, sent by the broker)').optional(),
  agent: z
    .object({
      version: z.string().max(50).describe('Version of the agent'),
      camera: z.string().max(300).describe('What the camera is, as the operator wrote it, secrets redacted'),
      hardware: z.object({
        model: z.string().max(200).describe("Board or machine model (Raspberry Pi 4 Model B Rev 1.4), or the CPU's name"),
        arch: z.string().max(20).describe('arm64, x64'),
        cores: z.number().int().min(1).max(4096),
        memoryBytes: z.number().int().positive(),
      }),
    })
    .describe('What runs here; in a birth')
    .optional(),
});
export type Presence = z.infer<typeof presenceSchema>;
