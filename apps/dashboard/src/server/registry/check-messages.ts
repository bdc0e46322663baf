/** @file What goes between the process that wants a file checked and the one that checks it. What comes back is checked as well. */
import { errorCodeSchema, manifestBodySchema, variantSchema } from '@alpharho/protocol';
import { z } from 'zod';
import type { UploadOptions } from './upload-options.ts';

export type CheckRequest = {
  /** The file as it came. */
  path: string;
  /** Where the variant is written to, where it is not that file itself. */
  output: string;
  options: UploadOptions;
};

export const checkReplySchema = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    kind: z.enum(['variant', 'tflite', 'onnx']),
    /** Whether `output` was written. */
    written: z.boolean(),
    facts: z.object({
      variant: variantSchema,
      labels: z.array(z.string().min(1).max(200)).min(2).max(100_000),
      rhos: z.array(z.number().int().min(32).max(1024)).min(1).max(32),
      golden: manifestBodySchema.shape.golden,
    }),
    notes: z.array(z.string().max(1000)).max(20),
  }),
  z.object({ ok: z.literal(false), code: errorCodeSchema, message: z.string().max(2000) }),
]);
export type CheckReply = z.infer<typeof checkReplySchema>;
