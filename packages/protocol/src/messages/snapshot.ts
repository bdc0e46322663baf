/** @file snapshot (agent → hub): the answer to a request. It is sent once and kept by nobody. */
import { z } from 'zod';
import { wireErrorSchema } from '../errors.ts';
import { sessionIdSchema, sha256Schema, timestampSchema } from '../ids.ts';
import { imageSchema } from '../image.ts';
import { requestIdSchema } from './request.ts';
import { predictionSchema } from './results.ts';

/** Leaves the rest of a snapshot more than 40 KB below the topic's cap. */
export const maxSnapshotChars = 480_000;

export const snapshotSchema = z
  .object({
    v: z.literal(1),
    id: requestIdSchema.describe("The request's"),
    session: sessionIdSchema,
    at: timestampSchema.describe('Device clock when the frame was captured or, without a picture, at the refusal'),
    error: wireErrorSchema.describe('Why there is no picture').optional(),
    variant: sha256Schema.describe('The variant that classified the frame').optional(),
    top: z.array(predictionSchema).min(1).max(10).describe("The frame's classification").optional(),
    image: imageSchema(maxSnapshotChars).describe('The frame as the classifier saw it: square, cropped and scaled').optional(),
  })
  .refine(({ error, image }) => (error === undefined) !== (image === undefined), 'expected either an image or an error');
export type Snapshot = z.infer<typeof snapshotSchema>;
