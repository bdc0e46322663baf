/** @file Door of the adoption: an operator's own ONNX classifier becomes one file of the variant contract. */
import { createHash } from 'node:crypto';
import { AlpharhoError, isAlpharhoError } from '@alpharho/protocol';
import { decodeModel } from '../graph/decode.ts';
import type { OnnxGraph, OnnxModel } from '../graph/model.ts';
import type { RunTrial } from '../runtime/trial.ts';
import { printable } from '../text/printable.ts';
import { mostClasses, standardPreprocessing, type VariantInfo } from '../variant/info.ts';
import { writeMetadata } from '../variant/metadata.ts';
import { inputName, outputName, readVariant, variantOf } from '../variant/read.ts';
import { chooseRhos, imageDims } from '../variant/resolutions.ts';
import { checkSteady, compareAnswers, tolerances, tryModel } from './check.ts';
import { type Face, findFace } from './face.ts';
import { type Facts, factsOf, fixedGraph, isHalf, trainingNode } from './facts.ts';
import { writeFront } from './front.ts';
import { goldenFrames } from './golden.ts';
import { graftModel } from './graft.ts';
import { checkOrder } from './live.ts';
import { type AdoptOptions, type ChosenLabels, checkOptions, chooseLabels, choosePixels } from './options.ts';
import { type Fresh, Patch } from './patch.ts';
import type { Pixels } from './pixels.ts';
import { plainInput } from './plain.ts';
import { detectSoftmax, type Ending, plainProbabilities, writeBack } from './scores.ts';
import { corner } from './sizes.ts';
import { openTrialProcess } from './trial-process.ts';

/** ONNX Runtime promises to read files from this opset on. */
const oldestOpset = 7;
/** From this IR version on an initializer need not stand among the inputs. */
const leastIrVersion = 4;
const prefix = 'alpharho.';

/** What adopting a model gives. */
export type Adopted = {
  /** The variant file. The same model and options always give the same bytes. */
  file: Uint8Array;
  variant: VariantInfo;
  /** Where the class names are from, in words. */
  labelsFrom: string;
  /** What was found out, decided and left out, one line each. */
  notes: string[];
};

/** A model and what is decided of it before it runs. */
type Case = { bytes: Uint8Array; model: OnnxModel; face: Face; rhos: readonly number[]; pixels: Pixels; graph: OnnxGraph; facts: Facts };
/** What its own answers tell. */
type Tried = { scores: number; ending: Ending; probabilities: Float64Array[]; blind: boolean };

/**
 * Brings an ONNX image classifier into the variant contract: layout, colour order and normalisation go into the graph, open sizes are
 * fixed, scores become probabilities. Its nodes and weights stay as they are, byte for byte. The model is run on invented frames, once as
 * it was, on pixels prepared in plain code, and once as the new file; probabilities must agree within 1e-5 (float16 and quantized models:
 * within what their steps allow).
 * @param bytes a whole ONNX file: one image (float32, float16, uint8 or int8; 1 or 3 channels; NCHW or NHWC) in, one row of K scores out
 * @throws AlpharhoError model_corrupt | model_not_variant | model_unsupported_operator | warmup_failed | config_invalid, with the reason and
 * what would be right; the signal's reason when aborted
 */
export async function adoptOnnx(bytes: Uint8Array, options: AdoptOptions = {}): Promise<Adopted> {
  checkOptions(options);
  const model = decodeModel(bytes);
  checkModel(model, bytes);
  const face = findFace(model.graph, options);
  const rhos = chooseRhos(face.rho, options.rhos);
  if (rhos.length > 1) checkOpen(model.graph, face);
  const graph = fixedGraph(model.graph, face);
  refuseTraining(graph);
  const pixels = choosePixels(face, model.metadata, options);
  const subject: Case = { bytes, model, face, rhos, graph, pixels, facts: factsOf(graph) };
  if (options.run) return adopt(subject, options, options.run);
  const trials = openTrialProcess();
  try {
    return await adopt(subject, options, trials.run);
  } finally {
    trials.close();
  }
}

function checkModel(model: OnnxModel, bytes: Uint8Array): void {
  if (model.opset < oldestOpset) {
    const message = `the model is of opset ${model.opset}, from before ${oldestOpset}, which runtimes no longer promise to read; export it anew, or convert it with onnx.version_converter`;
    throw new AlpharhoError('model_unsupported_operator', message);
  }
  if (model.metadata[`${prefix}contract`] !== undefined && isVariant(model, bytes)) {
    throw new AlpharhoError('config_invalid', 'the file follows the variant contract already: there is nothing to adopt');
  }
  checkOrder(model.graph);
}

function isVariant(model: OnnxModel, bytes: Uint8Array): boolean {
  try {
    variantOf(model, bytes);
    return true;
  } catch (error) {
    if (isAlpharhoError(error)) return false;
    throw error;
  }
}

function refuseTraining(graph: OnnxGraph): void {
  const node = trainingNode(graph);
  if (!node) return;
  const place = `${printable(node.op)} node "${printable(node.name)}"`;
  throw new AlpharhoError('model_not_variant', `${place} works as in training; export the model for inference (model.eval() in PyTorch)`);
}

/** @throws AlpharhoError config_invalid where the file fixes its sides */
function checkOpen(graph: OnnxGraph, { input, layout, height, width }: Face): void {
  const dims = graph.inputs.find(({ name }) => name === input.name)?.dims ?? [];
  const sides = layout === 'nchw' ? dims.slice(2) : dims.slice(1, 3);
  if (sides.every((side) => typeof side === 'string') && height === width) return;
  const message = `the input "${printable(input.name)}" is ${height} × ${width} pixels: export it with open sides for several resolutions`;
  throw new AlpharhoError('config_invalid', message);
}

async function adopt(subject: Case, options: AdoptOptions, run: RunTrial): Promise<Adopted> {
  const { face, rhos } = subject;
  const tried = await tryOriginal(subject, goldenFrames(face.rho), options, run);
  const labels = await chooseLabels(Math.max(2, tried.scores), subject.model.metadata, options);
  const file = build(subject, tried, labels, options);
  const variant = readVariant(file);
  const differences: number[] = [];
  for (const rho of rhos) differences.push(await compareAt(rho, subject, { tried, file, variant, options, run }));
  return { file, variant, labelsFrom: labels.from, notes: notesOf(subject, tried, labels, Math.max(...differences)) };
}

type Comparing = { tried: Tried; file: Uint8Array; variant: VariantInfo; options: AdoptOptions; run: RunTrial };

/** By how much the file's answers at a resolution differ from the model's own. */
async function compareAt(rho: number, subject: Case, { tried, file, variant, options, run }: Comparing): Promise<number> {
  const { face, graph } = subject;
  const frames = goldenFrames(rho);
  try {
    const original =
      rho === face.rho
        ? tried
        : await tryOriginal({ ...subject, face: faceAt(face, rho) }, frames, { ...options, softmax: tried.ending.softmax }, run);
    const input = { name: inputName, type: 'uint8' as const, dims: [1, rho, rho, 3] };
    const answers = await tryModel(run, { file, input, output: outputName, frames }, 'the file made of it', options.signal);
    return compareAnswers(
      original.probabilities,
      answers.map(({ values }) => values),
      toleranceOf(graph, variant.precision),
    );
  } catch (error) {
    if (rho === face.rho || !isAlpharhoError(error) || error.code === 'interrupted') throw error;
    throw new AlpharhoError(error.code, `at ρ ${rho}: ${error.message}`, { cause: error });
  }
}

function faceAt(face: Face, rho: number): Face {
  const { channels, layout, input } = face;
  return {
    ...face,
    rho,
    height: rho,
    width: rho,
    input: { ...input, dims: layout === 'nchw' ? [1, channels, rho, rho] : [1, rho, rho, channels] },
  };
}

function toleranceOf(graph: OnnxGraph, precision: VariantInfo['precision']): number {
  if (precision !== 'float32') return tolerances.quantized;
  return isHalf(graph) ? tolerances.float16 : tolerances.float32;
}

async function tryOriginal(
  { bytes, model, face, pixels }: Case,
  frames: Uint8Array[],
  options: AdoptOptions,
  run: RunTrial,
): Promise<Tried> {
  const inputs = frames.map((frame) => plainInput(frame, face, pixels));
  const trial = { file: bytes, input: face.input, output: face.output.name, frames: [...inputs, ...inputs.slice(0, 1)] };
  const answers = await tryModel(run, trial, 'the model', options.signal);
  const again = answers.pop();
  const count = countScores(answers[0]?.dims ?? [], face.output.name);
  if (answers[0] && again) checkSteady(answers[0], again);
  const scores = answers.map(({ values }) => values);
  const ending = options.softmax
    ? { softmax: options.softmax, says: `as told, --softmax ${options.softmax}` }
    : detectSoftmax(model.graph, face.output.name, scores);
  const probabilities = scores.map((row) => plainProbabilities(row, ending.softmax));
  const blind = scores.every((row) => row.every((score, index) => score === scores[0]?.[index]));
  return { scores: count, ending, probabilities, blind };
}

/** [1, K], [K], [1, K, 1, 1] and the like; K may be 1. */
function countScores(dims: number[], output: string): number {
  const shown = `the output "${printable(output)}" is [${dims.join(', ')}] for one image`;
  const sizes = dims.filter((dim) => dim !== 1);
  if (sizes.length > 1) throw foreign(`${shown}; one row of K scores is expected, one for each class`);
  const scores = sizes[0] ?? 1;
  if (scores < 1 || scores > mostClasses) throw foreign(`${shown}; 1 to ${mostClasses} scores are taken`);
  return scores;
}

function build(
  { bytes, model, face, rhos, pixels, facts }: Case,
  { scores, ending }: Tried,
  { labels }: ChosenLabels,
  options: AdoptOptions,
): Uint8Array {
  const fresh = freshNames(model.graph);
  const used = namesOf(model.graph);
  const renamed = new Map([inputName, outputName].filter((name) => used.has(name)).map((name) => [name, fresh(`adopt/was/${name}`)]));
  const now = (name: string) => renamed.get(name) ?? name;
  const [front, back] = [new Patch(fresh), new Patch(fresh)];
  writeFront(front, inputName, now(face.input.name), { ...face, isOpen: rhos.length > 1 }, pixels);
  writeBack(back, now(face.output.name), face.output.type, scores, ending.softmax, outputName);
  const metadata = writeMetadata({
    ...facts,
    rho: face.rho,
    rhos: [...rhos],
    weights: 'trained',
    labels,
    preprocessing: { ...standardPreprocessing, ...(options.crop === undefined ? {} : { crop: options.crop }) },
    provenance: provenance(bytes, options.name, pixels),
    ...(options.licence === undefined ? {} : { licence: options.licence }),
  });
  const foreignEntries = Object.entries(model.metadata).filter(([key]) => !key.startsWith(prefix));
  return graftModel(bytes, model.graph, {
    live: face.live,
    renamed,
    front,
    back,
    input: { name: inputName, type: 'uint8', dims: imageDims(rhos) },
    output: { name: outputName, type: 'float32', dims: [1, labels.length] },
    irVersion: Math.max(model.irVersion, leastIrVersion),
    metadata: { ...metadata, ...Object.fromEntries(foreignEntries) },
  });
}

function provenance(bytes: Uint8Array, name: string | undefined, pixels: Pixels): string {
  const digest = createHash('sha256').update(bytes).digest('hex');
  return `adopted from ${name ? `${printable(name, 200)}, ` : ''}ONNX file with SHA-256 ${digest}; pixels: ${pixels.text}`.slice(0, 500);
}

function namesOf(graph: OnnxGraph): Set<string> {
  const values = graph.nodes.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]);
  return new Set([...values, ...[...graph.inputs, ...graph.outputs, ...graph.initializers].map(({ name }) => name)]);
}

function freshNames(graph: OnnxGraph): Fresh {
  const taken = new Set([...namesOf(graph), ...graph.nodes.map(({ name }) => name), inputName, outputName]);
  return (name) => {
    let fresh = name;
    while (taken.has(fresh)) fresh += '_';
    taken.add(fresh);
    return fresh;
  };
}

function notesOf({ model, face, rhos, pixels, graph }: Case, { ending, blind }: Tried, labels: ChosenLabels, difference: number): string[] {
  const { input, layout, live } = face;
  const left = model.graph.nodes.length - live.nodes.size;
  return [
    `input: "${printable(input.name)}" ${input.type} [${input.dims.join(', ')}], ${layout}`,
    ...(face.height === face.width ? [] : [cropNote(face)]),
    `pixels: ${pixels.text}`,
    `scores: ${ending.says}`,
    ...(rhos.length > 1 ? [`serves: ρ ${rhos.join(', ')}; its own is ${face.rho}, at any other the weights may see less well`] : []),
    `labels: ${labels.from}`,
    ...(left === 0 ? [] : [`left out: ${left} of ${model.graph.nodes.length} nodes, on which the answer does not depend`]),
    ...(isHalf(graph) ? ['precision: half precision stays as it is; the metadata calls it float32, as it knows no float16'] : []),
    ...(blind ? ['warning: the model answers alike to three very different frames; check --normalisation'] : []),
    `checked: probabilities on three invented frames differ from the model's own by at most ${difference.toPrecision(1)}`,
  ];
}

function cropNote(face: Face): string {
  const { top, left } = corner(face);
  return `size: of each frame of ${face.rho} pixels a side the model sees rows ${top} to ${top + face.height - 1} and columns ${left} to ${left + face.width - 1}`;
}

function foreign(message: string): AlpharhoError {
  return new AlpharhoError('model_not_variant', message);
}
