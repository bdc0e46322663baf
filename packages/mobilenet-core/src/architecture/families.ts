/** @file The architectures that can be laid out from (α, ρ, classes) alone. Adding one is adding a row. */
import { AlpharhoError } from '@alpharho/protocol';
import { z } from 'zod';
import type { Layer } from './layers.ts';
import { mobilenetV1, type V1Spec } from './mobilenet-v1.ts';

const layouts = { v1: mobilenetV1 } satisfies Record<string, (spec: V1Spec) => Layer[]>;

export type BuildableFamily = keyof typeof layouts;
export const buildableFamilies = Object.keys(layouts) as [BuildableFamily, ...BuildableFamily[]];

const specSchema = z.object({
  family: z.enum(buildableFamilies, { error: `family: must be one of ${buildableFamilies.join(', ')}` }),
  alpha: z.number('alpha: must be a number').positive('alpha: must be above 0').max(4, 'alpha: must be at most 4'),
  rho: z
    .number('rho: must be a number')
    .int('rho: must be a whole number')
    .min(32, 'rho: must be at least 32')
    .max(1024, 'rho: must be at most 1024')
    .multipleOf(32, 'rho: must be a multiple of 32 (such as 128, 160, 192 or 224)'),
  classes: z
    .number('classes: must be a number')
    .int('classes: must be a whole number')
    .min(2, 'classes: must be at least 2')
    .max(100_000, 'classes: must be at most 100000'),
});
export type ArchitectureSpec = z.infer<typeof specSchema>;

/**
 * Checks an architecture's description that comes from outside.
 * @throws AlpharhoError config_invalid, naming the field and what would be right
 */
export function parseSpec(spec: unknown): ArchitectureSpec {
  const parsed = specSchema.safeParse(spec);
  if (parsed.success) return parsed.data;
  throw new AlpharhoError('config_invalid', parsed.error.issues[0]?.message ?? 'not an architecture');
}

/** The layers of an architecture. @throws AlpharhoError config_invalid */
export function layersOf(spec: ArchitectureSpec): Layer[] {
  const { family, ...rest } = parseSpec(spec);
  return layouts[family](rest);
}
