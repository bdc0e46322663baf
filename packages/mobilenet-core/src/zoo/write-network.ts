/** @file Turns a layer list and its weights into a graph with the face of the variant contract. */
import { AlpharhoError } from '@alpharho/protocol';
import { type Layer, samePadding, weightDims } from '../architecture/layers.ts';
import { GraphBuilder } from '../graph/builder.ts';
import { float, int, ints } from '../graph/model.ts';
import { inputName, outputName } from '../variant/read.ts';
import type { NetworkWeights } from './weights.ts';

/** TensorProto.DataType FLOAT, as Cast's `to` names it. */
const FLOAT = 1;

/**
 * Writes a network: uint8 NHWC image in, normalised to [-1, 1] as the authors train ((x - 127.5) / 127.5), float32 probabilities out.
 * Nodes carry the layers' names.
 */
export function writeNetwork(name: string, layers: readonly Layer[], weights: NetworkWeights): GraphBuilder {
  const first = layers[0];
  const last = layers.at(-1);
  if (first === undefined || last?.kind !== 'softmax') throw new AlpharhoError('internal', 'a network ends in a softmax layer');
  const builder = new GraphBuilder(name);
  const writer: Writer = { builder, weights };
  let value = writeInput(builder, first.input.size);
  builder.constant('relu6/min', 'float32', [], Float32Array.of(0));
  builder.constant('relu6/max', 'float32', [], Float32Array.of(6));
  for (const layer of layers) value = writeLayer(writer, layer, value);
  builder.output(value, 'float32', [1, last.output.channels]);
  return builder;
}

interface Writer {
  builder: GraphBuilder;
  weights: NetworkWeights;
}

function writeInput(builder: GraphBuilder, rho: number): string {
  const image = builder.input(inputName, 'uint8', [1, rho, rho, 3]);
  const half = builder.constant('input/half_range', 'float32', [], Float32Array.of(127.5));
  // The layout changes first, while a value is one byte.
  const planes = builder.node('Transpose', 'input/nchw', [image], { perm: ints([0, 3, 1, 2]) });
  const numbers = builder.node('Cast', 'input/cast', [planes], { to: int(FLOAT) });
  const centred = builder.node('Sub', 'input/centre', [numbers, half]);
  return builder.node('Div', 'input/scale', [centred, half]);
}

function writeLayer(writer: Writer, layer: Layer, from: string): string {
  const { builder } = writer;
  switch (layer.kind) {
    case 'conv':
    case 'depthwise':
    case 'pointwise':
      return writeConvolution(writer, layer, from);
    case 'pool':
      return builder.node('Flatten', `${layer.name}/flatten`, [builder.node('GlobalAveragePool', layer.name, [from])], { axis: int(1) });
    case 'fc':
      return builder.node('Gemm', layer.name, [from, ...constants(writer, layer)], { transB: int(1), alpha: float(1), beta: float(1) });
    case 'softmax':
      return builder.node('Softmax', layer.name, [from], { axis: int(1) }, outputName);
  }
}

function writeConvolution(writer: Writer, layer: Layer, from: string): string {
  const { kernel, stride, input } = layer;
  const { before, after } = samePadding(input.size, kernel, stride);
  const convolved = writer.builder.node('Conv', layer.name, [from, ...constants(writer, layer)], {
    group: int(layer.kind === 'depthwise' ? input.channels : 1),
    kernel_shape: ints([kernel, kernel]),
    pads: ints([before, before, after, after]),
    strides: ints([stride, stride]),
  });
  return writer.builder.node('Clip', `${layer.name}/relu6`, [convolved, 'relu6/min', 'relu6/max']);
}

function constants({ builder, weights }: Writer, layer: Layer): [string, string] {
  const its = weights.get(layer.name);
  if (its === undefined) throw new AlpharhoError('internal', `no weights for layer "${layer.name}"`);
  return [
    builder.constant(`${layer.name}/weights`, 'float32', weightDims(layer), its.weights),
    builder.constant(`${layer.name}/bias`, 'float32', [layer.output.channels], its.bias),
  ];
}
