/** @file What may be said of an uploaded model that its file does not tell: one schema for form, address and command line. */
import { AlpharhoError } from '@alpharho/protocol';
import { z } from 'zod';

/** A number for each channel, in the model's order. */
const perChannel = z.array(z.number().min(-1e6).max(1e6)).min(1).max(3);
const side = z.number().int().min(32).max(1024);

export const normalisationChoices = ['none', 'unit', 'tf', 'imagenet', 'imagenet-mean', 'caffe', 'bytes'] as const;
export const softmaxChoices = ['add', 'exp', 'none'] as const;

export const uploadOptionsSchema = z
  .strictObject({
    /** What the provenance calls the source: a file name, mostly. */
    name: z.string().min(1).max(200),
    /** One a class, in the order of the outputs. */
    labels: z.array(z.string().min(1).max(200)).min(2).max(100_000),
    /** Call the classes "class 0" and so on where nothing names them. */
    numbered: z.boolean(),
    normalisation: z.union([
      z.enum(normalisationChoices),
      z.strictObject({ mean: perChannel, std: perChannel, range: z.union([z.literal(1), z.literal(255)]).optional() }),
    ]),
    colour: z.enum(['rgb', 'bgr']),
    layout: z.enum(['nchw', 'nhwc']),
    softmax: z.enum(softmaxChoices),
    /** Which output to take, where there are several. */
    output: z.string().min(1).max(200),
    /** Side of the image, where the file leaves it open. */
    rho: side,
    /** Every ρ to serve. */
    rhos: z.array(side).min(1).max(32),
    /** In place of rho, for an image that is not square; `fit` must say what becomes of the frame. */
    size: z.strictObject({ height: side, width: side }),
    fit: z.literal('crop'),
    /** Central part of a photograph that the model is shown. */
    crop: z.number().min(0.1).max(1),
    licence: z.string().min(1).max(100),
    /** Percent, with who says so. */
    accuracy: z.strictObject({
      top1: z.number().min(0).max(100),
      top5: z.number().min(0).max(100).optional(),
      source: z.string().min(1).max(200),
    }),
  })
  .partial();
export type UploadOptions = z.infer<typeof uploadOptionsSchema>;

/** @throws AlpharhoError config_invalid, naming the option and what would be right */
export function readUploadOptions(input: unknown): UploadOptions {
  const parsed = uploadOptionsSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new AlpharhoError('config_invalid', `the option ${issue?.path.join('.') || 'list'}: ${issue?.message}`.slice(0, 500));
}
