/** @file telemetry (agent → hub): one window of latency sketches and counters per variant, kept and acknowledged like results. */
import { z } from 'zod';
import { sequenceSchema, sessionIdSchema, sha256Schema, timestampSchema } from '../ids.ts';
import { sketchSchema } from '../latency-sketch.ts';
import { streamSchema } from '../streams.ts';
import { rhoSchema } from '../variant.ts';

export const stages = ['capture', 'preprocess', 'inference', 'postprocess', 'publish'] as const;
export type Stage = (typeof stages)[number];

/** What a board's firmware does to its processor, in the words of the Raspberry Pi's `vcgencmd get_throttled`. */
export const throttles = ['under-voltage', 'frequency-capped', 'throttled', 'soft-temperature-limit'] as const;
export type Throttle = (typeof throttles)[number];

/** Classes that one window counts by themselves. */
export const maxCountedClasses = 64;

/** Of one window; far above what any camera gives in one, and far below what years of windows could not be added up to. */
const countSchema = z
  .number()
  .int()
  .min(0)
  .max(2 ** 31 - 1);

export const telemetrySchema = z.object({
  v: z.literal(1),
  session: sessionIdSchema,
  seq: sequenceSchema.describe('Counts telemetry windows within the session'),
  sentAt: timestampSchema.describe("Device clock at publish, for the hub's estimate of its offset"),
  start: timestampSchema.describe("The window by the device's clock, [start, end)"),
  end: timestampSchema,
  variant: sha256Schema.describe('The variant that served; a window is cut when the variant changes'),
  rho: rhoSchema.describe('The resolution that served, where the variant serves several; a window is cut when it changes').optional(),
  rate: z.number().positive().max(1000).describe('Frames a second that the governor let through; absent where all are').optional(),
  frames: z.object({
    captured: countSchema.describe('Frames the camera gave'),
    classified: countSchema,
    dropped: countSchema.describe('Replaced by a newer frame before inference could take them'),
    published: countSchema
      .describe('Results that left by the publish policy; the rest of the classified ones stay on the device. Absent: all of them left')
      .optional(),
    failed: countSchema.describe('Frames whose classification ended in an error; they are neither classified nor dropped').optional(),
  }),
  answers: z
    .object({
      n: countSchema.describe('Classified frames that are counted here'),
      confidence: z
        .object({ sum: z.number().nonnegative(), squares: z.number().nonnegative() })
        .describe("Sum of the top classes' probabilities and of their squares"),
      classes: z
        .array(z.tuple([z.number().int().min(0).max(99_999), countSchema.min(1)]))
        .max(maxCountedClasses)
        .describe('Top class and how often, the most frequent first; what is missing to `n` are rarer ones'),
    })
    .describe('What the variant answered, of every classified frame, whatever was published')
    .optional(),
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
    diskTotalBytes: z.number().int().nonnegative().optional(),
    throttled: z
      .array(z.enum(throttles))
      .max(throttles.length)
      .describe('What holds at the reading; empty: nothing; absent: the board cannot tell')
      .optional(),
    memoryTotalBytes: z.number().int().nonnegative().describe("The machine's").optional(),
    memoryAvailableBytes: z.number().int().nonnegative().describe('What programs can still have without swapping').optional(),
    cpuFraction: z
      .number()
      .min(0)
      .max(1)
      .describe("Of the machine's processor time since the reading before, by all programs; 1 is all cores at work")
      .optional(),
    clock: z
      .object({ synchronised: z.boolean().describe('The kernel says that its clock follows a time source') })
      .describe('Absent where the device cannot tell')
      .optional(),
    outboxBytes: z.number().int().nonnegative().describe('Disk that the outbox takes').optional(),
    dropped: z
      .partialRecord(streamSchema, z.number().int().nonnegative())
      .describe("Entries of each stream that were given up since the session's start: the outbox was full, or the disk failed for too long")
      .optional(),
  }),
});
export type Telemetry = z.infer<typeof telemetrySchema>;
