/** @file What a network costs: multiply-adds, parameters and activations, per layer and per type of layer (the paper's Table 2). */
import type { Layer, LayerKind } from '../architecture/layers.ts';
import { paperName, weightDims } from '../architecture/layers.ts';
import { elementCount } from '../graph/model.ts';
import { type Counts, perType, sum, type TypeShares } from './counts.ts';

export interface LayerCost extends Counts {
  name: string;
  kind: LayerKind;
  /** Type and stride in the paper's words. */
  paper: string;
  /** [size, size, channels] of what goes in and comes out. */
  input: [number, number, number];
  output: [number, number, number];
}

export type TypeCost = TypeShares<LayerKind>;

export interface Cost extends Counts {
  /** Most elements that one layer's input and output take together: what a runtime must hold at once. */
  peakActivations: number;
  perLayer: LayerCost[];
  /** Most work first; types without weights are left out. */
  perType: TypeCost[];
}

/** Counts a network. */
export function cost(layers: readonly Layer[]): Cost {
  const perLayer = layers.map(layerCost);
  const total = sum(perLayer);
  const peaks = layers.map(({ input, output }) => input.size ** 2 * input.channels + output.size ** 2 * output.channels);
  return { ...total, peakActivations: Math.max(0, ...peaks), perLayer, perType: perType(perLayer, total) };
}

function layerCost(layer: Layer): LayerCost {
  const { input, output } = layer;
  const dims = weightDims(layer);
  const weights = dims.length === 0 ? 0 : elementCount(dims);
  const biases = dims.length === 0 ? 0 : output.channels;
  return {
    name: layer.name,
    kind: layer.kind,
    paper: paperName(layer),
    input: [input.size, input.size, input.channels],
    output: [output.size, output.size, output.channels],
    // Equations 2 to 5 of arXiv 1704.04861: each weight is used once for every position of the output.
    multiplyAdds: weights * output.size ** 2,
    parameters: weights + (layer.kind === 'fc' ? biases : 2 * biases),
    parametersFolded: weights + biases,
    weights,
    activations: output.size ** 2 * output.channels,
  };
}
