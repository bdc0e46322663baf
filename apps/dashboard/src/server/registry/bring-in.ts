/** @file Whatever model file comes becomes a file of the variant contract, is run once, and is described. Runs in the checker's process. */
import { adoptOnnx, decodeModel, importTflite, readVariant, recordAccuracy, runTrial, type VariantInfo } from '@alpharho/mobilenet-core';
import { goldenInput } from '@alpharho/mobilenet-core/classify';
import { AlpharhoError, type ManifestBody, variantSchema } from '@alpharho/protocol';
import type { FileFacts } from '../keys/manifest.ts';
import type { UploadOptions } from './upload-options.ts';

export type Kind = 'variant' | 'tflite' | 'onnx';

export type Brought = {
  kind: Kind;
  /** Undefined where the file that came is the variant itself. */
  file: Uint8Array | undefined;
  facts: FileFacts;
  /** What was found and what was done, line by line. */
  notes: string[];
};

/** Answers that are kept with the variant, most probable first. */
const goldenTop = 5;
/** How far probabilities may be off their sum of 1, and beyond 0 and 1: quantized softmaxes are coarse. */
const probabilityTolerance = 0.05;

/** @throws AlpharhoError with what is wrong with the file, or with what was said of it, and what would be right */
export async function bringIn(bytes: Uint8Array, options: UploadOptions): Promise<Brought> {
  if (isTflite(bytes)) return fromTflite(bytes, options);
  if (isVariantFile(bytes)) return asItIs(bytes, options);
  return fromOnnx(bytes, options);
}

async function asItIs(bytes: Uint8Array, { name: _, ...options }: UploadOptions): Promise<Brought> {
  const [needless] = Object.keys(options);
  if (needless !== undefined) {
    throw new AlpharhoError(
      'config_invalid',
      `the file follows the variant contract and says all by itself: leave the option ${needless} away`,
    );
  }
  return { kind: 'variant', file: undefined, facts: await factsOf(bytes, readVariant(bytes)), notes: ['it follows the variant contract'] };
}

async function fromTflite(bytes: Uint8Array, options: UploadOptions): Promise<Brought> {
  const { name, labels, numbered, crop, rhos, licence, accuracy } = options;
  refuse(options, ['colour', 'layout', 'softmax', 'output', 'rho', 'size', 'fit'], 'a TFLite file tells it');
  const { file, variant, labelsFrom, input } = importTflite(bytes, {
    ...(name && { name }),
    ...(labels && { labels }),
    ...(crop && { crop }),
    ...(rhos && { rhos }),
    ...(licence && { licence }),
    ...(accuracy && { accuracy }),
    ...tfliteNormalisation(options.normalisation),
  });
  if (labelsFrom.source === 'none' && numbered !== true) {
    const words = `nothing names the ${variant.classes} classes; give a list of labels, or let them be numbered ("class 0" and so on)`;
    throw new AlpharhoError('config_invalid', words);
  }
  const from = { given: 'given', metadata: "the file's metadata", none: 'none: classes are numbered' }[labelsFrom.source];
  const notes = [`converted from TFLite; input: ${input.description}`, `labels: ${from}`];
  return { kind: 'tflite', file, facts: await factsOf(file, variant), notes };
}

async function fromOnnx(bytes: Uint8Array, options: UploadOptions): Promise<Brought> {
  const { normalisation, accuracy, ...rest } = options;
  if (normalisation === 'bytes')
    throw new AlpharhoError('config_invalid', 'the normalisation "bytes" is for TFLite files; "none" takes 0…255 as they are');
  const adopted = await adoptOnnx(bytes, { ...rest, ...(normalisation && { normalisation: own(normalisation) }), run: runTrial });
  const file = accuracy === undefined ? adopted.file : recordAccuracy(adopted.file, accuracy);
  return { kind: 'onnx', file, facts: await factsOf(file, readVariant(file)), notes: adopted.notes };
}

/**
 * What a variant's file is, and what it answers to the golden input.
 * @throws AlpharhoError model_not_variant where its answers are no probabilities, warmup_failed where it does not run
 */
export async function factsOf(bytes: Uint8Array, { rhos, labels, preprocessing: _, ...variant }: VariantInfo): Promise<FileFacts> {
  return { variant: variantSchema.parse(variant), labels, rhos, golden: await goldenOf(bytes, variant.rho) };
}

async function goldenOf(file: Uint8Array, rho: number): Promise<ManifestBody['golden']> {
  const input = { name: 'image', type: 'uint8' as const, dims: [1, rho, rho, 3] };
  const [answer] = await runTrial({ file, input, output: 'probabilities', frames: [goldenInput(rho)] }).catch((cause: unknown) => {
    throw new AlpharhoError(
      'warmup_failed',
      `the model does not run: ${String(cause instanceof Error ? cause.message : cause).slice(0, 300)}`,
      { cause },
    );
  });
  const values = [...(answer?.values ?? [])];
  const sum = values.reduce((total, value) => total + value, 0);
  const within = values.every((value) => value >= -probabilityTolerance && value <= 1 + probabilityTolerance);
  if (!within || !(Math.abs(sum - 1) <= probabilityTolerance)) {
    throw new AlpharhoError(
      'model_not_variant',
      `the model's answer is no list of probabilities: ${values.length} values that add up to ${sum}`,
    );
  }
  const top = values
    .map((probability, index) => ({ class: index, probability: Math.min(1, Math.max(0, probability)) }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, goldenTop);
  return { top, tolerance: 0.1 };
}

function isTflite(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', 4, 8) === 'TFL3';
}

function isVariantFile(bytes: Uint8Array): boolean {
  return decodeModel(bytes).metadata['alpharho.contract'] !== undefined;
}

function refuse(options: UploadOptions, names: (keyof UploadOptions)[], why: string): void {
  const given = names.find((name) => options[name] !== undefined);
  if (given !== undefined) throw new AlpharhoError('config_invalid', `the option ${given} is for ONNX models: ${why}`);
}

type OwnNumbers = Exclude<NonNullable<UploadOptions['normalisation']>, string>;

function own(given: Exclude<NonNullable<UploadOptions['normalisation']>, 'bytes'>) {
  return typeof given === 'string' ? given : { mean: given.mean, std: given.std, ...(given.range && { range: given.range }) };
}

/** Of TFLite files means are counted in bytes, as TFLite's metadata does. */
function tfliteNormalisation(
  given: UploadOptions['normalisation'],
): Pick<NonNullable<Parameters<typeof importTflite>[1]>, 'normalisation'> {
  if (given === undefined) return {};
  if (given === 'caffe')
    throw new AlpharhoError('config_invalid', 'the normalisation "caffe" is for ONNX models: TFLite models take red first');
  if (typeof given === 'string') return { normalisation: given };
  const scaled = (values: OwnNumbers['mean']) => values.map((value) => (given.range === 255 ? value : value * 255));
  return { normalisation: { mean: scaled(given.mean), std: scaled(given.std) } };
}
