/** @file telemetry (agent → hub): one window of latency sketches and counters per variant, kept and acknowledged like results. */
import { z } from 'zod';
import { sequenceSchema, sessionIdSchema, sha256Schema, timestampSchema } from '../ids.ts';
import { sketchSchema } from '../latency-sketch.ts';

export const stages = ['capture', 'preprocess', 'inference', 'postprocess', 'publish'] as const;
export type Stage = (typeof stages)[number];

export const telemetrySchema = z.object({
  v: z.literal(1),
  session: sessionIdSchema,
  seq: sequenceSchema.describe('Counts telemetry windows within the session'),
  sentAt: timestampSchema.describe("Device clock at publish, for the hub's estimate of its offset"),
  start: timestampSchema.describe("The window by the device's clock, [start, end)"),
  end: timestampSchema,
  variant: sha256Schema.describe('The variant that served; a window is cut when the variant changes'),
  frames: z.object({
    captured: z.number().int().nonnegative().describe('Frames the camera gave'),
    classified: z.number().int().nonnegative(),
    dropped: z.number().int().nonnegative().describe('Replaced by a newer frame before inference could take them'),
  }),
  latency: z.object({
    total: sketchSchema.describe('Captured frame → result'),
    capture: sketchSchema.optional(),
    preprocess: sketchSchema.optional(),
    inference: sketchSchema.optional(),
    postprocess: sketchSchema.optional(),
    publish: sketchSchema.optional(),
  }),
  system: z.object({
    outbox: z.number().int().nonnegative().describe('Results and windows waiting in the outbox'),
    memoryBytes: z.number().int().nonnegative().describe('Resident memory of the agent, bytes'),
    temperature: z.number().min(-60).max(250).describe('Hottest thermal zone, °C; absent where the machine has none').optional(),
    diskFreeBytes: z.number().int().nonnegative().describe("Free bytes on the data folder's disk").optional(),
  }),
});
export type Telemetry = z.infer<typeof telemetrySchema>;
