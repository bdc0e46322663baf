/** @file MobileNetV1 (arXiv 1704.04861, Table 1) for any width multiplier α and resolution ρ. */
import type { FeatureMap, Layer } from './layers.ts';

export interface V1Spec {
  /** Width multiplier α: every layer's channels times this. */
  alpha: number;
  /** Side of the input image in pixels (the paper's ρ × 224); a multiple of 32, because five layers halve it. */
  rho: number;
  /** Number of classes, K. */
  classes: number;
}

/** Table 1's depthwise separable pairs: channels after the 1×1 convolution at α = 1, and the stride of the depthwise one before it. */
const blocks: readonly { channels: number; stride: 1 | 2 }[] = [
  { channels: 64, stride: 1 },
  { channels: 128, stride: 2 },
  { channels: 128, stride: 1 },
  { channels: 256, stride: 2 },
  { channels: 256, stride: 1 },
  { channels: 512, stride: 2 },
  { channels: 512, stride: 1 },
  { channels: 512, stride: 1 },
  { channels: 512, stride: 1 },
  { channels: 512, stride: 1 },
  { channels: 512, stride: 1 },
  { channels: 1024, stride: 2 },
  // Table 1 prints "s2" here too, with equal sizes before and after: a misprint; the authors' code (tf-slim mobilenet_v1.py) has 1.
  { channels: 1024, stride: 1 },
];
const firstChannels = 32;

/** Fewest channels of a layer, however small α: `min_depth` of tf-slim mobilenet_v1.py. */
const minChannels = 8;

/** Channels at width multiplier α, as the authors round them: down, and never below 8. */
export function scaledChannels(channels: number, alpha: number): number {
  return Math.max(minChannels, Math.trunc(channels * alpha));
}

/** The layers in the order they run. The spec is taken as valid; `parseSpec` checks one from outside. */
export function mobilenetV1({ alpha, rho, classes }: V1Spec): Layer[] {
  const layers: Layer[] = [];
  let at: FeatureMap = { size: rho, channels: 3 };
  const add = (layer: Omit<Layer, 'input' | 'output'>, channels: number, size = Math.ceil(at.size / layer.stride)): void => {
    const output = { size, channels };
    layers.push({ ...layer, input: at, output });
    at = output;
  };

  add({ name: 'conv', kind: 'conv', kernel: 3, stride: 2 }, scaledChannels(firstChannels, alpha));
  blocks.forEach(({ channels, stride }, index) => {
    const number = index + 1;
    add({ name: `dw${number}`, kind: 'depthwise', kernel: 3, stride }, at.channels);
    add({ name: `pw${number}`, kind: 'pointwise', kernel: 1, stride: 1 }, scaledChannels(channels, alpha));
  });
  add({ name: 'pool', kind: 'pool', kernel: at.size, stride: 1 }, at.channels, 1);
  add({ name: 'fc', kind: 'fc', kernel: 1, stride: 1 }, classes);
  add({ name: 'softmax', kind: 'softmax', kernel: 1, stride: 1 }, classes);
  return layers;
}
