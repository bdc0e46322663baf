/** @file Builds a whole variant file out of nothing but α, ρ, labels and a seed. */
import { AlpharhoError, formatAlpha } from '@alpharho/protocol';
import { type ArchitectureSpec, type BuildableFamily, layersOf, parseSpec } from '../architecture/families.ts';
import { cost } from '../cost/cost.ts';
import { maxModelBytes } from '../graph/decode.ts';
import { encodeModel } from '../graph/encode.ts';
import { labelsSchema, standardPreprocessing } from '../variant/info.ts';
import { writeMetadata } from '../variant/metadata.ts';
import { randomWeights } from './random-weights.ts';
import { writeNetwork } from './write-network.ts';

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
  const spec = parseSpec({ ...options, classes: options.labels.length });
  const labels = labelsSchema.safeParse(options.labels);
  if (!labels.success) throw invalid(`labels: ${labels.error.issues[0]?.message ?? 'not usable'}`);
  const { seed } = options;
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) throw invalid('seed: must be a whole number from 0 to 4294967295');
  const layers = layersOf(spec);
  const { multiplyAdds, parameters, parametersFolded } = cost(layers);
  if (4 * parametersFolded > maxModelBytes) {
    throw invalid(`alpha and classes: they make ${4 * parametersFolded} bytes of weights; a variant file holds at most ${maxModelBytes}`);
  }
  const metadata = writeMetadata({
    ...spec,
    precision: 'float32',
    weights: 'random',
    labels: labels.data,
    preprocessing: standardPreprocessing,
    multiplyAdds,
    parameters,
    provenance: `random weights, seed ${seed}`,
    licence: 'Apache-2.0',
  });
  return encodeModel(writeNetwork(graphName(spec), layers, randomWeights(layers, seed)).finish(metadata));
}

function graphName({ family, alpha, rho }: ArchitectureSpec): string {
  return `mobilenet_${family}_${formatAlpha(alpha)}_${rho}`;
}

function invalid(message: string): AlpharhoError {
  return new AlpharhoError('config_invalid', message);
}
