/** @file A variant as transformers.js takes it: its folder layout, and a graph from normalised NCHW pixels to logits. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeModel, encodeModel, evaluationCrop } from '@alpharho/mobilenet-core';
import type { Subject } from './subject.ts';

/** What the variant's own normalisation gives, and the last value before the softmax. */
const normalised = 'input/scale';
const logits = 'fc';

/** Writes `folder/name`. The weights and everything between pixels and logits are the variant's own. */
export async function writeTransformersModel(folder: string, name: string, { file, rho, labels }: Subject): Promise<void> {
  await mkdir(join(folder, name, 'onnx'), { recursive: true });
  await writeFile(join(folder, name, 'onnx/model.onnx'), headless(file, rho, labels.length));
  const id2label = Object.fromEntries(labels.entries());
  await writeFile(join(folder, name, 'config.json'), JSON.stringify({ model_type: 'mobilenet_v1', image_size: rho, id2label }));
  await writeFile(join(folder, name, 'preprocessor_config.json'), JSON.stringify(preprocessor(rho)));
}

function headless(file: Uint8Array, rho: number, classes: number): Uint8Array {
  const model = decodeModel(file);
  const { graph } = model;
  const nodes = graph.nodes
    .filter(({ name, op }) => !name.startsWith('input/') && op !== 'Softmax')
    .map((node) => ({ ...node, inputs: node.inputs.map((input) => (input === normalised ? 'pixel_values' : input)) }))
    .map((node) => ({ ...node, outputs: node.outputs.map((output) => (output === logits ? 'logits' : output)) }));
  return encodeModel({
    ...model,
    graph: {
      ...graph,
      nodes,
      inputs: [{ name: 'pixel_values', type: 'float32', dims: [1, 3, rho, rho] }],
      outputs: [{ name: 'logits', type: 'float32', dims: [1, classes] }],
      initializers: graph.initializers.filter(({ name }) => !name.startsWith('input/')),
    },
  });
}

/** As the published MobileNetV1 checkpoints have it. */
function preprocessor(rho: number): object {
  return {
    image_processor_type: 'MobileNetV1ImageProcessor',
    do_resize: true,
    size: { shortest_edge: Math.round(rho / evaluationCrop) },
    do_center_crop: true,
    crop_size: { height: rho, width: rho },
    resample: 2,
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: [0.5, 0.5, 0.5],
    image_std: [0.5, 0.5, 0.5],
  };
}
