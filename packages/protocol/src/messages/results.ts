/** @file results (agent → hub): a batch of classifications, kept in the agent's outbox until the hub acknowledges the commit. */
import { z } from 'zod';
import { sequenceSchema, sessionIdSchema, sha256Schema, timestampSchema } from '../ids.ts';

/** Batches are cut at this many results, which keeps one under the topic's size cap and one hub transaction short. */
export const maxResultsPerBatch = 500;

export const predictionSchema = z.object({
  /** Index into the model's outputs. */
  class: z.number().int().nonnegative(),
  label: z.string().max(200),
  probability: z.number().min(0).max(1.0001),
});
export type Prediction = z.infer<typeof predictionSchema>;

export const resultSchema = z.object({
  /** Counts results within the session. */
  seq: sequenceSchema,
  /** Counts captured frames within the session; a jump is a dropped frame. */
  frame: sequenceSchema,
  /** Device clock when the frame was captured. */
  at: timestampSchema,
  /** Index into the batch's `variants`: the one that produced this result. */
  variant: z.number().int().min(0).max(15),
  /** Milliseconds from captured frame to result (preprocess + inference + postprocess). */
  ms: z.number().nonnegative(),
  /** Highest probability first; ties by lower class index. */
  top: z.array(predictionSchema).min(1).max(10),
});
export type Result = z.infer<typeof resultSchema>;

export const resultsSchema = z
  .object({
    v: z.literal(1),
    session: sessionIdSchema,
    /** Device clock at publish, for the hub's estimate of its offset. */
    sentAt: timestampSchema,
    variants: z.array(sha256Schema).min(1).max(16),
    /** Ascending by `seq`, without gaps. */
    results: z.array(resultSchema).min(1).max(maxResultsPerBatch),
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
