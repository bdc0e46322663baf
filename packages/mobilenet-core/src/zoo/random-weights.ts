/**
 * @file Random weights that still give telling answers: the untrained networks that a fresh installation runs.
 *
 * Weights drawn at random and left alone make a deep ReLU network answer the same class to every image: layer by layer the part
 * that all images share grows and what tells them apart fades. Batch norm undoes that, so each channel is normalised on a few
 * invented scenes, as in the first step of a training, and the result is folded into weights and bias.
 */
import { AlpharhoError } from '@alpharho/protocol';
import { type Layer, weightDims } from '../architecture/layers.ts';
import { cost } from '../cost/cost.ts';
import { elementCount } from '../graph/model.ts';
import { calibrationFrames } from './calibration-frames.ts';
import { averagePool, type Batch, convolve } from './forward.ts';
import { uniform } from './prng.ts';
import type { LayerWeights, NetworkWeights } from './weights.ts';

/**
 * Batch norm's shift (its scale is 1): a channel's values lie about this far above ReLU's kink, in standard deviations.
 * 0 makes the network chaotic (two alike frames get unrelated answers), 2 makes it almost linear.
 */
const shift = 1;
/** Batch norm's guard against division by zero: Keras' MobileNet. */
const epsilon = 1e-3;

/** About how many multiply-adds calibration may take (a second on one core), and the bounds on the scenes that this buys. */
const calibrationWork = 1.2e9;
const fewestScenes = 4;
const mostScenes = 16;

/** Draws and calibrates weights for a network of convolutions, one pool and one classifier. */
export function randomWeights(layers: readonly Layer[], seed: number): NetworkWeights {
  const result: NetworkWeights = new Map();
  const { multiplyAdds } = cost(layers);
  const scenes = Math.min(mostScenes, Math.max(fewestScenes, Math.floor(calibrationWork / multiplyAdds)));
  const random = uniform(seed);
  const rho = layers[0]?.input.size ?? 0;
  let batch = calibrationFrames(seed, scenes, rho);
  for (const layer of layers) {
    if (layer.kind === 'softmax') continue;
    if (layer.kind === 'pool') {
      batch = averagePool(batch);
      continue;
    }
    const drawn = Float64Array.from({ length: elementCount(weightDims(layer)) }, () => random() * 2 - 1);
    const values = convolve(layer, batch, drawn);
    const norm = layer.kind === 'fc' ? classifierNorm(values) : batchNorm(values);
    result.set(layer.name, fold(drawn, norm));
    batch = values;
    if (layer.kind !== 'fc') activate(batch, norm);
  }
  return result;
}

/** y = x · scale + bias, for each channel. */
interface Affine {
  scale: Float64Array;
  bias: Float64Array;
}

function batchNorm(values: Batch): Affine {
  const { mean, variance } = statistics(values);
  const scale = variance.map((each) => 1 / Math.sqrt(each + epsilon));
  return { scale, bias: mean.map((each, channel) => shift - each * scale[channel]!) };
}

/**
 * Centres every class on the scenes, so that none wins always, and spreads the scores by √(2 ln K): the spread at which the softmax
 * of K random scores just begins to favour a few (the freezing point of Derrida's random energy model).
 */
function classifierNorm(values: Batch): Affine {
  const { mean, variance } = statistics(values);
  const spread = Math.sqrt(variance.reduce((sum, each) => sum + each, 0) / variance.length);
  if (!(spread > 0)) throw new AlpharhoError('internal', 'calibration scenes give equal scores');
  // A logarithm's last bit may differ between engines, which would show in the file's bytes; single precision hides it.
  const gain = Math.sqrt(2 * Math.fround(Math.log(values.channels))) / spread;
  return { scale: mean.map(() => gain), bias: mean.map((each) => -each * gain) };
}

function statistics({ data, channels }: Batch): { mean: Float64Array; variance: Float64Array } {
  const rows = data.length / channels;
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels);
  for (let row = 0; row < data.length; row += channels) {
    for (let c = 0; c < channels; c++) mean[c]! += data[row + c]! / rows;
  }
  for (let row = 0; row < data.length; row += channels) {
    for (let c = 0; c < channels; c++) {
      const deviation = data[row + c]! - mean[c]!;
      variance[c]! += (deviation * deviation) / rows;
    }
  }
  return { mean, variance };
}

function fold(drawn: Float64Array, { scale, bias }: Affine): LayerWeights {
  const each = drawn.length / scale.length;
  return { weights: Float32Array.from(drawn, (weight, i) => weight * scale[Math.floor(i / each)]!), bias: Float32Array.from(bias) };
}

/** Normalises and applies ReLU6, in place. */
function activate({ data, channels }: Batch, { scale, bias }: Affine): void {
  for (let row = 0; row < data.length; row += channels) {
    for (let c = 0; c < channels; c++) data[row + c] = Math.min(6, Math.max(0, data[row + c]! * scale[c]! + bias[c]!));
  }
}
