/** @file results (agent → hub): a batch of classifications, kept in the agent's outbox until the hub acknowledges the commit. */
import { z } from 'zod';
import { sequenceSchema, sessionIdSchema, sha256Schema, timestampSchema } from '../ids.ts';

/** Batches are cut at this many results, which keeps one under the topic's size cap and one hub transaction short. */
export const maxResultsPerBatch = 500;

export const predictionSchema = z.object({
  class: z.number().int().nonnegative().describe("Index into the model's outputs"),
  label: z.string().max(200),
  probability: z.number().min(0).max(1.0001),
});
export type Prediction = z.infer<typeof predictionSchema>;

export const resultSchema = z.object({
  seq: sequenceSchema.describe('Counts results within the session'),
  frame: sequenceSchema.describe(
    'Counts captured frames within the session; a jump is frames that were dropped, or not published by policy (telemetry counts both)',
  ),
  at: timestampSchema.describe('Device clock when the frame was captured'),
  variant: z.number().int().min(0).max(15).describe("Index into the batch's `variants`: the one that produced this result"),
  ms: z.number().nonnegative().describe('Milliseconds from captured frame to result (preprocess + inference + postprocess)'),
  top: z.array(predictionSchema).min(1).max(10).describe('Highest probability first; ties by lower class index'),
});
export type Result = z.infer<typeof resultSchema>;

export const resultsSchema = z
  .object({
    v: z.literal(1),
    session: sessionIdSchema,
    sentAt: timestampSchema.describe("Device clock at publish, for the hub's estimate of its offset"),
    variants: z.array(sha256Schema).min(1).max(16),
    results: z.array(resultSchema).min(1).max(maxResultsPerBatch).describe('Ascending by `seq`, without gaps'),
  })
  .superRefine((batch, context) => {
    const first = batch.results[0]?.seq ?? 0;
    for (const [index, result] of batch.results.entries()) {
      if (result.seq !== first + index) {
        context.addIssue({
          code: 'custom',
          path: ['results', index, 'seq'],
          message: `expected ${first + index}: a batch's sequence numbers are contiguous`,
        });
        return;
      }
      if (result.variant >= batch.variants.length) {
        context.addIssue({
          code: 'custom',
          path: ['results', index, 'variant'],
          message: `expected an index below ${batch.variants.length}`,
        });
        return;
      }
    }
  });
export type Results = z.infer<typeof resultsSchema>;
