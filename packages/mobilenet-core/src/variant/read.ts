/** @file Opens a file as a variant: parses it and checks that it has the face that every device relies on. */
import { createHash } from 'node:crypto';
import { AlpharhoError } from '@alpharho/protocol';
import { decodeModel } from '../graph/decode.ts';
import type { OnnxGraph, OnnxModel, ValueInfo } from '../graph/model.ts';
import type { VariantInfo } from './info.ts';
import { readMetadata } from './metadata.ts';
import { imageDims } from './resolutions.ts';

/** Name of the one input: uint8 [1, ρ, ρ, 3], RGB; its sides are open where the file serves several ρ. */
export const inputName = 'image';
/** Name of the one output: float32 [1, K]. */
export const outputName = 'probabilities';

/**
 * Reads what a variant file says of itself.
 * @param bytes the whole ONNX file
 * @throws AlpharhoError model_corrupt where it is damaged, model_not_variant where it is sound but not of the contract
 */
export function readVariant(bytes: Uint8Array): VariantInfo {
  return variantOf(decodeModel(bytes), bytes);
}

/**
 * The same of a file that is decoded already.
 * @throws AlpharhoError model_not_variant
 */
export function variantOf(model: OnnxModel, bytes: Uint8Array): VariantInfo {
  const metadata = readMetadata(model.metadata);
  const classes = metadata.labels.length;
  checkFace(model.graph, metadata.rhos, classes);
  return { ...metadata, classes, sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.byteLength };
}

function checkFace(graph: OnnxGraph, rhos: readonly number[], classes: number): void {
  checkValue('input', graph.inputs, { name: inputName, type: 'uint8', dims: imageDims(rhos) });
  checkValue('output', graph.outputs, { name: outputName, type: 'float32', dims: [1, classes] });
}

function checkValue(role: 'input' | 'output', values: ValueInfo[], expected: Required<ValueInfo>): void {
  const found = values.map(describe).join(', ') || 'none';
  if (values.length === 1 && found === describe(expected)) return;
  throw new AlpharhoError(
    'model_not_variant',
    `the file's ${role} is ${found.slice(0, 200)}, the variant contract wants ${describe(expected)}`,
  );
}

function describe({ name, type, dims }: ValueInfo): string {
  return `${name} ${type} [${dims?.map((dim) => (dim === '' ? '?' : dim)).join(', ') ?? '?'}]`;
}
