/** @file What a variant file says of itself beyond what travels on the wire: labels and how a photograph becomes its input. */
import { type Variant, variantSchema } from '@alpharho/protocol';
import { z } from 'zod';

/** Sides that a variant's picture may have, in pixels: what the wire's `rho` goes from and up to. */
export const smallestRho = 32;
export const largestRho = 1024;

/** Most resolutions that one file may serve. */
const mostRhos = 32;

/** Every resolution that a file serves, largest first. */
export const rhosSchema = z
  .array(z.number().int().min(smallestRho).max(largestRho))
  .min(1)
  .max(mostRhos)
  .refine((rhos) => rhos.every((rho, index) => index === 0 || rho < (rhos[index - 1] ?? 0)), 'they go from the largest down, each once');

/** Longest class name in letters. */
export const longestLabel = 200;

/** Most classes that a model may tell apart. */
export const mostClasses = 100_000;

/** One class's name. */
export const labelSchema = z.string().min(1).max(longestLabel);

/** Longest list of labels as JSON. 100 000 labels of 27 letters fit; parsing a hostile text of this length takes below a second. */
export const longestLabels = 3_000_000;

/** A class name for each output, in the order of the outputs. */
export const labelsSchema = z
  .array(labelSchema)
  .min(2)
  .max(mostClasses)
  .refine((labels) => JSON.stringify(labels).length <= longestLabels, `they have more than ${longestLabels} letters altogether`);

/** How a photograph becomes the input. */
export const preprocessingSchema = z.object({
  /** Side of the centred crop as a fraction of the photograph's side; 0.875 in the authors' evaluation. Camera frames come uncropped. */
  crop: z.number().min(0.1).max(1),
  resize: z.literal('bilinear'),
});

/** The authors' evaluation preprocessing (tf-slim `preprocess_for_eval`, central_fraction 0.875). */
export const standardPreprocessing: z.infer<typeof preprocessingSchema> = { crop: 0.875, resize: 'bilinear' };

/** All that is known of a variant file: what travels on the wire, its labels, and how a photograph becomes its input. */
export type VariantInfo = Variant & {
  /** Every ρ that the file serves, largest first; `rho`, the one that it was trained at, is among them. One entry for most files. */
  rhos: number[];
  /** A class name for each output, in the order of the outputs. */
  labels: string[];
  /** How a photograph becomes the input. */
  preprocessing: z.infer<typeof preprocessingSchema>;
};

/** Checks what comes from outside. */
export const variantInfoSchema = variantSchema.extend({
  rhos: rhosSchema,
  labels: labelsSchema,
  preprocessing: preprocessingSchema,
}) satisfies z.ZodType<VariantInfo>;

/** What goes into a file's metadata: everything but what follows from the bytes and the labels. */
export type VariantMetadata = Omit<VariantInfo, 'sha256' | 'bytes' | 'classes'>;

/** The same as it is written: a file that serves its own ρ alone need not say so. */
export type WrittenMetadata = Omit<VariantMetadata, 'rhos'> & Partial<Pick<VariantMetadata, 'rhos'>>;
