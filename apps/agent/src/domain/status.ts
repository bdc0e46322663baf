/** @file What a running agent says of itself on its loopback port, and `alpharho-agent status` reads there. */
import { deviceIdSchema, reportedSchema, sessionIdSchema, sha256Schema } from '@alpharho/protocol';
import { z } from 'zod';
import { checkNames } from './health.ts';
import { stages } from './stage-sketches.ts';
import { dropReasons } from './vitals.ts';

const count = z.number().int().nonnegative();
const words = z.string().max(1000);
const latency = z.object({ count, p50: z.number(), p95: z.number(), p99: z.number() }).describe('Milliseconds, of the last seconds');

export const statusSchema = z.object({
  v: z.literal(1),
  version: words,
  id: deviceIdSchema,
  pid: count,
  session: sessionIdSchema,
  uptimeSeconds: z.number().nonnegative(),
  camera: words,
  hub: z.object({ address: words, connected: z.boolean() }),
  variant: z.object({ sha256: sha256Schema, name: words }).optional(),
  update: z.object({ phase: words, revision: count }).optional(),
  health: z.object({
    live: z.boolean(),
    ready: z.boolean(),
    checks: z.array(z.object({ name: z.enum(checkNames), ok: z.boolean(), reason: words.optional() })),
  }),
  frames: z
    .object({ captured: count, classified: count, dropped: z.partialRecord(z.enum(dropReasons), count) })
    .describe('Since the start'),
  framesPerSecond: z.number().nonnegative().describe('Classified, in the last seconds'),
  latency: z.partialRecord(z.enum(stages), latency),
  inference: reportedSchema.shape.inference,
  governor: reportedSchema.shape.governor,
  outbox: z.object({ entries: count, bytes: count, dropped: z.partialRecord(z.string(), count).describe('Given up, by stream') }),
  system: z.object({
    memoryBytes: count,
    temperature: z.number().optional(),
    diskFreeBytes: z.number().nonnegative().optional(),
  }),
});
export type Status = z.infer<typeof statusSchema>;
