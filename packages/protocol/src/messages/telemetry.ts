/** @file telemetry (agent → hub): one window of latency sketches and counters per variant, kept and acknowledged like results. */
import { z } from 'zod';
import { sequenceSchema, sessionIdSchema, sha256Schema, timestampSchema } from '../ids.ts';
import { sketchSchema } from '../latency-sketch.ts';

export const stages = ['capture', 'preprocess', 'inference', 'postprocess', 'publish'] as const;
export type Stage = (typeof stages)[number];

export const telemetrySchema = z.object({
  v: z.literal(1),
  session: sessionIdSchema,
  /** Counts telemetry windows within the session. */
  seq: sequenceSchema,
  sentAt: timestampSchema,
  /** The window by the device's clock, [start, end). */
  start: timestampSchema,
  end: timestampSchema,
  /** The variant that served; a window is cut when the variant changes. */
  variant: sha256Schema,
  frames: z.object({
    /** Frames the camera gave. */
    captured: z.number().int().nonnegative(),
    classified: z.number().int().nonnegative(),
    /** Replaced by a newer frame before inference could take them. */
    dropped: z.number().int().nonnegative(),
  }),
  /** Milliseconds per stage; `total` is captured frame → result. */
  latency: z.object({
    total: sketchSchema,
    capture: sketchSchema.optional(),
    preprocess: sketchSchema.optional(),
    inference: sketchSchema.optional(),
    postprocess: sketchSchema.optional(),
    publish: sketchSchema.optional(),
  }),
  system: z.object({
    /** Results and windows waiting in the outbox. */
    outbox: z.number().int().nonnegative(),
    /** Resident memory of the agent, bytes. */
    memoryBytes: z.number().int().nonnegative(),
    /** Hottest thermal zone, °C; absent where the machine has none. */
    temperature: z.number().min(-60).max(250).optional(),
    /** Free bytes on the data folder's disk. */
    diskFreeBytes: z.number().int().nonnegative().optional(),
  }),
});
export type Telemetry = z.infer<typeof telemetrySchema>;
