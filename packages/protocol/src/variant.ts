/** @file What the wire says of a variant: (family, α, ρ, precision, labels, weights) and what is known of its worth. */
import { z } from 'zod';
import { sha256Schema } from './ids.ts';

export const familySchema = z.enum([
  'v1',
  'v1-full',
  'v1-shallow',
  'v2',
  'v3-large',
  'v3-small',
  'v3-large-minimalistic',
  'v3-small-minimalistic',
  'squeezenet',
  'shufflenet-g1',
  'shufflenet-g2',
  'shufflenet-g3',
  'shufflenet-g4',
  'shufflenet-g8',
  'xception',
  'other',
]);
export type Family = z.infer<typeof familySchema>;

export const precisionSchema = z.enum(['float32', 'int8', 'uint8']);
export type Precision = z.infer<typeof precisionSchema>;

export const weightsSchema = z
  .enum(['trained', 'random'])
  .describe('`random`: seeded random weights (the pages say "untrained"); `trained`: weights that learned from data');

export const rhoSchema = z.number().int().min(32).max(1024);

export const variantSchema = z.object({
  sha256: sha256Schema,
  bytes: z.number().int().min(1).max(1_000_000_000).describe('File length in bytes'),
  family: familySchema,
  alpha: z.number().positive().max(4).describe('Width multiplier'),
  rho: rhoSchema.describe("Input resolution in pixels a side (the paper's ρ × 224)"),
  precision: precisionSchema,
  classes: z.number().int().min(2).max(100_000).describe('Number of outputs, K'),
  weights: weightsSchema,
  multiplyAdds: z
    .number()
    .int()
    .nonnegative()
    .describe('Multiply-adds of one inference; absent where the architecture is not known')
    .optional(),
  parameters: z.number().int().nonnegative().optional(),
  accuracy: z
    .object({ top1: z.number().min(0).max(100), top5: z.number().min(0).max(100).optional(), source: z.string().max(200) })
    .describe('Percent, 0 to 100, with where the figure comes from')
    .optional(),
  provenance: z.string().max(500).describe('Where the weights come from').optional(),
  licence: z.string().max(100).optional(),
});
export type Variant = z.infer<typeof variantSchema>;

const familyNames: Record<Family, string> = {
  v1: 'V1',
  'v1-full': 'V1 full conv',
  'v1-shallow': 'V1 shallow',
  v2: 'V2',
  'v3-large': 'V3 Large',
  'v3-small': 'V3 Small',
  'v3-large-minimalistic': 'V3 Large min',
  'v3-small-minimalistic': 'V3 Small min',
  squeezenet: 'SqueezeNet',
  'shufflenet-g1': 'ShuffleNet g1',
  'shufflenet-g2': 'ShuffleNet g2',
  'shufflenet-g3': 'ShuffleNet g3',
  'shufflenet-g4': 'ShuffleNet g4',
  'shufflenet-g8': 'ShuffleNet g8',
  xception: 'Xception',
  other: 'Other',
};

/** α as operators write it: one to four decimals, no trailing zeros beyond the first ("1.0", "0.75", "0.5"). */
export function formatAlpha(alpha: number): string {
  return alpha.toFixed(4).replace(/0{1,3}$/, '');
}

/** The name by which pages and terminals call a variant, without its precision: `V2 0.75×192`. Never a file name. */
export function variantName(variant: Pick<Variant, 'family' | 'alpha' | 'rho'>): string {
  return `${familyNames[variant.family]} ${formatAlpha(variant.alpha)}×${variant.rho}`;
}

/** The name with its precision, for sentences in which two variants may differ in nothing else: `V1 0.25×128 int8`. */
export function variantLabel(variant: Pick<Variant, 'family' | 'alpha' | 'rho' | 'precision'>): string {
  return `${variantName(variant)} ${precisionName(variant.precision)}`;
}

/** Short precision label of the design language: `f32`, `int8`, `uint8`. */
export function precisionName(precision: Precision): string {
  return precision === 'float32' ? 'f32' : precision;
}
