/** @file A network as data: the list of its layers. Cost, writer and pages are made from this list and nothing else. */

/** `pointwise` is a 1×1 convolution, `depthwise` filters each channel by itself, `fc` is the classifier. */
export type LayerKind = 'conv' | 'depthwise' | 'pointwise' | 'pool' | 'fc' | 'softmax';

/** A square feature map: size × size × channels. A vector has size 1. */
export interface FeatureMap {
  size: number;
  channels: number;
}

export interface Layer {
  /** Unique in its network; also the name of its node in an ONNX file. */
  name: string;
  kind: LayerKind;
  /** Side of the square filter or pooling window; 1 where there is none. */
  kernel: number;
  stride: number;
  input: FeatureMap;
  output: FeatureMap;
}

/** Dimensions of a layer's weights as ONNX stores them: [outputs, inputs per filter, kernel, kernel], or [outputs, inputs] for `fc`. */
export function weightDims(layer: Layer): number[] {
  const { input, output, kernel } = layer;
  switch (layer.kind) {
    case 'conv':
    case 'pointwise':
      return [output.channels, input.channels, kernel, kernel];
    case 'depthwise':
      return [output.channels, 1, kernel, kernel];
    case 'fc':
      return [output.channels, input.channels];
    case 'pool':
    case 'softmax':
      return [];
  }
}

/** A layer's type and stride as the paper's Table 1 prints them: "Conv dw / s2". A 1×1 convolution is plain "Conv / s1" there. */
export function paperName(layer: Layer): string {
  const types: Record<LayerKind, string> = {
    conv: 'Conv',
    depthwise: 'Conv dw',
    pointwise: 'Conv',
    pool: 'Avg Pool',
    fc: 'FC',
    softmax: 'Softmax',
  };
  return `${types[layer.kind]} / s${layer.stride}`;
}

/**
 * Zeros that TensorFlow's `SAME` padding puts before and after one side of `size`.
 * Asymmetric: with stride 2 an even size gets nothing before and one row after. A symmetric pad silently costs accuracy.
 * Source: tensorflow.org/api_docs/python/tf/nn, "Notes on padding".
 */
export function samePadding(size: number, kernel: number, stride: number): { before: number; after: number } {
  const output = Math.ceil(size / stride);
  const total = Math.max((output - 1) * stride + kernel - size, 0);
  const before = Math.floor(total / 2);
  return { before, after: total - before };
}
