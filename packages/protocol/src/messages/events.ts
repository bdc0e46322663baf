/** @file events (agent → hub): one thing that happened, kept and acknowledged like results. */
import { z } from 'zod';
import { eventLevelSchema } from '../events.ts';
import { sequenceSchema, sessionIdSchema, sha256Schema, timestampSchema } from '../ids.ts';
import { imageSchema } from '../image.ts';
import { predictionSchema } from './results.ts';

export const eventStreams = ['status', 'events'] as const;
export type EventStream = (typeof eventStreams)[number];

/** Leaves the rest of an event more than 80 KB below the topic's cap. */
export const maxThumbnailChars = 160_000;

export const maxDetails = 20;

export const eventDetailSchema = z
  .record(z.string().min(1).max(60), z.union([z.string().max(500), z.number(), z.boolean()]))
  .refine((detail) => Object.keys(detail).length <= maxDetails, `expected at most ${maxDetails} entries`)
  .describe(`Facts for programs, by name; at most ${maxDetails}`);
export type EventDetail = z.infer<typeof eventDetailSchema>;

export const eventSchema = z.object({
  v: z.literal(1),
  stream: z.enum(eventStreams),
  session: sessionIdSchema,
  seq: sequenceSchema.describe('Counts events of this stream within the session'),
  sentAt: timestampSchema.describe("Device clock at publish, for the hub's estimate of its offset"),
  at: timestampSchema.describe('Device clock when it happened'),
  id: z
    .string()
    .max(64)
    .regex(/^[a-z]+(\.[a-z]+)+$/, 'an event id is lower-case words with dots between them')
    .describe("What happened, see `x-event-ids`. Any id is taken, so that a newer agent's event still reaches an older hub's page"),
  level: eventLevelSchema,
  message: z.string().min(1).max(500).describe('For people'),
  detail: eventDetailSchema.optional(),
  variant: sha256Schema.describe('The variant that it is about').optional(),
  frame: sequenceSchema.describe('The captured frame that it is about').optional(),
  top: z.array(predictionSchema).min(1).max(10).describe("The frame's classification").optional(),
  thumbnail: imageSchema(maxThumbnailChars).describe('The frame; only where the device’s owner allowed it').optional(),
});
export type DeviceEvent = z.infer<typeof eventSchema>;
