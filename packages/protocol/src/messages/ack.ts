/** @file ack (hub → agent): these are committed to the database, or refused for good; the outbox may forget them. */
import { z } from 'zod';
import { sequenceSchema, sessionIdSchema } from '../ids.ts';
import { streamSchema } from '../streams.ts';

export const ackSchema = z.object({
  v: z.literal(1),
  acks: z
    .array(
      z.object({
        stream: streamSchema,
        session: sessionIdSchema,
        from: sequenceSchema.describe('First sequence number that the database holds'),
        to: sequenceSchema.describe('Last one, included'),
        refused: z
          .string()
          .max(500)
          .describe('Set where the hub can never take them (a malformed message); the agent forgets and logs them')
          .optional(),
      }),
    )
    .min(1)
    .max(200),
});
export type Ack = z.infer<typeof ackSchema>;
