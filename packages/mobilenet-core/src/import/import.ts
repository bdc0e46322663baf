/** @file Door of the import: a TFLite classifier becomes one file of the variant contract. */
import { createHash } from 'node:crypto';
import { AlpharhoError } from '@alpharho/protocol';
import { encodeModel } from '../graph/encode.ts';
import { longestLabel, longestLabels, standardPreprocessing, type VariantInfo, type VariantMetadata } from '../variant/info.ts';
import { readMetadata, writeMetadata } from '../variant/metadata.ts';
import { chooseRhos } from '../variant/resolutions.ts';
import { type ExpectedArchitecture, recogniseArchitecture } from './architecture.ts';
import { constantBudget } from './convert/budget.ts';
import { checkOperators, convert } from './convert/convert.ts';
import type { WeightStorage } from './convert/lowering.ts';
import { checkClassifier, checkFace, type Face } from './face.ts';
import { fitContract, labelsOfMetadata, placeholderLabels } from './labels.ts';
import {
  type ChosenNormalisation,
  chooseNormalisation,
  describeNormalisation,
  type InputNormalisation,
  type TfliteNormalisationName,
} from './normalisation.ts';
import { checkResolutions } from './resolutions.ts';
import { readTflite } from './tflite-model.ts';
import { readAppendedZip } from './zip.ts';

/** The largest MobileNet is 24 MB as TFLite (v2 1.4, float); a file beyond this is something else. */
export const largestTflite = 256_000_000;

/** How {@link importTflite} makes a variant. */
export type ImportOptions = {
  /** Class names, one for each output. Without them the file's own metadata is asked. */
  labels?: string[];
  /** What the provenance calls the source: a file name or an address. */
  name?: string;
  /** How quantized weights are stored; int8 unless said otherwise. */
  weights?: WeightStorage;
  /**
   * What a byte of the picture stands for. Unless said: what the file's metadata or its input's quantization says, else what TF-slim's
   * MobileNets were trained with: (byte − 127.5) / 127.5, to which quantized files take the bytes as they are.
   */
  normalisation?: TfliteNormalisationName | InputNormalisation;
  /** Central part of a photograph that the model is shown, 0.1 to 1; 0.875 unless given. Camera frames come uncropped. */
  crop?: number;
  /**
   * Every ρ that the variant is to serve, the file's own among them, each where the network's strides divide it as they divide that one
   * (multiples of 32 for MobileNets). The weights stay those of the file's own ρ, and see less well at any other. The own alone unless given.
   */
  rhos?: readonly number[];
  /** What the file should be; taken where its layers are not recognised but cost what this network costs. */
  architecture?: ExpectedArchitecture;
  /** Accuracy that is known of this very file, with who says so. */
  accuracy?: VariantMetadata['accuracy'];
  /** Where the weights come from, in words, at most 500 letters; without it, `name`, the file's digest and the normalisation. */
  provenance?: string;
  /** Licence of the weights, as an SPDX name; without it, what the file's metadata says, if it does. */
  licence?: string;
};

/** What {@link importTflite} gives. */
export type Imported = {
  /** The ONNX file. The same TFLite file and options always give the same bytes. */
  file: Uint8Array;
  variant: VariantInfo;
  /** Where the class names are from: the caller, the TFLite file's metadata (and which entry of it), or nowhere ("class 0" …). */
  labelsFrom: { source: 'given' } | { source: 'metadata'; entry: string } | { source: 'none' };
  /** What the graph does to the picture's bytes, and who said so. */
  input: ChosenNormalisation & { description: string };
};

/**
 * Converts a TFLite image classifier (float32, float16 weights, uint8, or int8 per tensor or per channel; RGB or grey; channels last or first;
 * with or without a softmax at its end) into a variant.
 * @param bytes the whole .tflite file, appended metadata included
 * @throws AlpharhoError model_corrupt | model_unsupported_operator (operator and place) | model_not_variant | config_invalid (labels, normalisation, crop, rhos)
 */
export function importTflite(bytes: Uint8Array, options: ImportOptions = {}): Imported {
  if (bytes.length > largestTflite) throw new AlpharhoError('model_not_variant', `${bytes.length} bytes: far larger than any MobileNet`);
  const { crop = standardPreprocessing.crop } = options;
  if (!(crop >= 0.1 && crop <= 1)) throw new AlpharhoError('config_invalid', `the crop is ${crop}; a number from 0.1 to 1 is expected`);
  const model = readTflite(bytes);
  checkClassifier(model);
  checkOperators(model);
  const face = checkFace(model);
  const { labels, labelsFrom } = chooseLabels(bytes, face, options.labels);
  const storage = options.weights ?? 'int8';
  const chosen = chooseNormalisation(face, model, options.normalisation);
  const description = describeNormalisation(chosen.normalisation);
  const rhos = chooseRhos(face.rho, options.rhos);
  const spend = constantBudget(bytes.length);
  const lowering = convert(model, face, { normalisation: chosen.normalisation, weights: storage, spend, rhos });
  const multiplyAdds = lowering.layers.reduce((sum, layer) => sum + layer.multiplyAdds, 0);
  if (!Number.isSafeInteger(multiplyAdds)) throw new AlpharhoError('model_not_variant', `${multiplyAdds} multiply-adds: no MobileNet`);
  const metadata = writeMetadata({
    ...recogniseArchitecture(lowering.layers, options.architecture),
    rho: face.rho,
    rhos,
    precision: lowering.layers.some((layer) => layer.quantized) ? storage : 'float32',
    weights: 'trained',
    labels,
    preprocessing: { ...standardPreprocessing, crop },
    multiplyAdds,
    provenance: options.provenance ?? provenance(bytes, options.name, description) + served(rhos, face.rho),
    accuracy: options.accuracy,
    licence: options.licence ?? model.metadata.licence,
  });
  const onnx = lowering.builder.finish(metadata);
  if (rhos.length > 1) checkResolutions(onnx.graph, lowering, labels.length);
  const file = encodeModel(onnx);
  // What a reader of the file would find, without unfolding it anew.
  const variant = { ...readMetadata(metadata), classes: labels.length, sha256: sha256(file), bytes: file.length };
  return { file, variant, labelsFrom, input: { ...chosen, description } };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function provenance(bytes: Uint8Array, name: string | undefined, normalisation: string): string {
  return `converted from ${name ? `${name.slice(0, 200)}, ` : ''}TFLite file with SHA-256 ${sha256(bytes)}; input: ${normalisation}`;
}

/** Where a registry shows one ρ only, its readers learn of the others here. */
function served(rhos: readonly number[], own: number): string {
  return rhos.length === 1 ? '' : `; serves ρ ${rhos.join(', ')}, trained at ${own}`;
}

function chooseLabels(
  bytes: Uint8Array,
  { classes }: Face,
  given: string[] | undefined,
): Pick<Imported, 'labelsFrom'> & { labels: string[] } {
  if (given) {
    if (given.length !== classes) {
      throw new AlpharhoError(
        'config_invalid',
        `${given.length} labels for ${classes} classes: one label a class is needed, in the model's order`,
      );
    }
    const empty = given.findIndex((label) => label.length === 0 || label.length > longestLabel);
    if (empty >= 0) throw new AlpharhoError('config_invalid', `label ${empty} is empty or longer than ${longestLabel} letters`);
    if (!fitContract(given)) throw new AlpharhoError('config_invalid', `the labels are too long altogether: ${longestLabels} letters fit`);
    return { labels: given, labelsFrom: { source: 'given' } };
  }
  const found = labelsOfMetadata(readAppendedZip(bytes), classes);
  if (found) return { labels: found.labels, labelsFrom: { source: 'metadata', entry: found.name } };
  return { labels: placeholderLabels(classes), labelsFrom: { source: 'none' } };
}
