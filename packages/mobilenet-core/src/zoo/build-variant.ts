/** @file Builds a whole variant file out of nothing but α, ρ, labels and a seed. */
import { AlpharhoError, formatAlpha } from '@alpharho/protocol';
import {
  type ArchitectureSpec,
  type BuildableFamily,
  buildableFamilies,
  isBuildable,
  layersOf,
  parseSpec,
} from '../architecture/families.ts';
import type { Layer } from '../architecture/layers.ts';
import { cost } from '../cost/cost.ts';
import { encodeModel } from '../graph/encode.ts';
import { maxModelBytes } from '../graph/limits.ts';
import { labelsSchema, standardPreprocessing } from '../variant/info.ts';
import { writeMetadata } from '../variant/metadata.ts';
import { largestCalibrated, randomWeights } from './random-weights.ts';
import { writeNetwork } from './write-network.ts';

/** Which untrained variant to build. */
export interface BuildOptions {
  family: BuildableFamily;
  alpha: number;
  rho: number;
  /** A name for each class, at least two. */
  labels: string[];
  /** Whole number from 0 to 2^32 - 1. */
  seed: number;
}

/**
 * Builds an untrained variant: float32, seeded random weights. The same options give the same bytes on every machine.
 * Takes up to a few seconds at α = 1, ρ = 224, and blocks its thread that long.
 * @throws AlpharhoError config_invalid, naming the option and what would be right
 */
export function buildVariant(options: BuildOptions): Uint8Array {
  const { family, ...spec } = parseSpec({ ...options, classes: options.labels.length });
  if (!isBuildable(family))
    throw invalid(`family: ${family} is known for its cost alone; these can be built: ${buildableFamilies.join(', ')}`);
  const labels = labelsSchema.safeParse(options.labels);
  if (!labels.success) throw invalid(`labels: ${labels.error.issues[0]?.message ?? 'not usable'}`);
  const { seed } = options;
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) throw invalid('seed: must be a whole number from 0 to 4294967295');
  const layers = layersOf({ family, ...spec });
  const { multiplyAdds, parameters, parametersFolded } = cost(layers);
  if (4 * parametersFolded > maxModelBytes) {
    throw invalid(`alpha and classes: they make ${4 * parametersFolded} bytes of weights; a variant file holds at most ${maxModelBytes}`);
  }
  const metadata = writeMetadata({
    ...spec,
    family,
    precision: 'float32',
    weights: 'random',
    labels: labels.data,
    preprocessing: standardPreprocessing,
    multiplyAdds,
    parameters,
    provenance: `random weights, seed ${seed}`,
    licence: 'Apache-2.0',
  });
  const weights = randomWeights(calibrationLayers({ family, ...spec }), seed);
  return encodeModel(writeNetwork(graphName({ family, ...spec }), layers, weights).finish(metadata));
}

/** The network at the resolution at which its weights are calibrated: its own, or the largest lower one that does not take too long. */
function calibrationLayers(spec: ArchitectureSpec): Layer[] {
  for (let { rho } = spec; ; rho -= 32) {
    const layers = layersOf({ ...spec, rho });
    if (rho === 32 || cost(layers).multiplyAdds <= largestCalibrated) return layers;
  }
}

function graphName({ family, alpha, rho }: ArchitectureSpec): string {
  return `${/^v\d/.test(family) ? 'mobilenet_' : ''}${family}_${formatAlpha(alpha)}_${rho}`;
}

function invalid(message: string): AlpharhoError {
  return new AlpharhoError('config_invalid', message);
}
