/** @file AVERAGE_POOL_2D, MAX_POOL_2D and MEAN: what shrinks feature maps. */
import { type Attribute, int, ints } from '../../graph/model.ts';
import type { TfliteOperator, TfliteTensor } from '../tflite-model.ts';
import { fusedActivation } from './activation.ts';
import { expectShape } from './convolution.ts';
import {
  activationQuantization,
  damaged,
  int8Shift,
  isFloat,
  type Lowering,
  sameQuantization,
  unsupported,
  wholeNumbers,
} from './lowering.ts';
import { padAxis, same } from './padding.ts';
import { fromFloat, toFloat } from './quantization.ts';

const largestWindow = 1024;
/** TensorProto.DataType of the ONNX specification. */
const onnxType = { float32: 1, uint8: 2 };

type Pool = {
  input: TfliteTensor;
  output: TfliteTensor;
  activation: number;
  /** Positions that a window covers, at the largest ρ. */
  positions: number;
  /** One window covers the map. */
  whole: boolean;
  /** Each pixel for itself: nothing happens (MobileNetV3 minimalistic has one of these). */
  idle: boolean;
  attributes: Record<string, Attribute>;
};

/** Fields of Pool2DOptions. @throws AlpharhoError where they do not make sense, or bytes change their meaning on the way */
function readPool(lowering: Lowering, operator: TfliteOperator): Pool {
  const input = lowering.input(operator, 0, 'input');
  const output = lowering.output(operator);
  const options = operator.options;
  if (!options || input.shape.length !== 4) throw damaged(operator, 'its options or its input do not make sense');
  const [, height = 0, width = 0, channels = 0] = input.shape;
  const padding = options.int8(0, 'padding');
  const across = { kernel: options.int32(3, 'filter_width'), stride: options.int32(1, 'stride_w'), dilation: 1 };
  const down = { kernel: options.int32(4, 'filter_height'), stride: options.int32(2, 'stride_h'), dilation: 1 };
  if ([across, down].some(({ kernel, stride }) => kernel < 1 || stride < 1 || kernel > largestWindow || stride > largestWindow)) {
    throw damaged(operator, 'its window is out of range');
  }
  const x = padAxis(padding, width, across);
  const y = padAxis(padding, height, down);
  expectShape(operator, output, [1, y.output, x.output, channels]);
  if (!isFloat(input)) activationQuantization(operator, input);
  if (!sameQuantization(operator, input, output)) throw unsupported(operator, 'its output is quantized differently from its input');
  const whole = across.kernel === width && down.kernel === height && x.output * y.output === 1;
  const margins = { top: 0, left: 0, bottom: 0, right: 0 };
  if (padding === same && !whole) lowering.samePadded.push({ operator, value: lowering.value(operator, input), margins, down, across });
  return {
    input,
    output,
    activation: options.int8(5, 'fused_activation_function'),
    positions: whole ? mostPositions(lowering, height, width) : across.kernel * down.kernel,
    idle: across.kernel * down.kernel * across.stride * down.stride === 1,
    whole,
    attributes: {
      kernel_shape: ints([down.kernel, across.kernel]),
      strides: ints([down.stride, across.stride]),
      pads: ints([y.begin, x.begin, y.end, x.end]),
    },
  };
}

/** Positions of a map of this size, at the largest ρ that the graph is to serve. */
function mostPositions({ resolutions: { rhos, own } }: Lowering, height: number, width: number): number {
  const grows = Math.max(...rhos) / own;
  return Math.ceil(height * grows) * Math.ceil(width * grows);
}

export function convertMaxPool(lowering: Lowering, operator: TfliteOperator): void {
  const { input, output, activation, attributes } = readPool(lowering, operator);
  // The largest byte stands for the largest number: quantized or not, the same node.
  const pooled = lowering.builder.node('MaxPool', `${operator.index}_pool`, [lowering.value(operator, input)], attributes);
  lowering.bind(output, fusedActivation(lowering, operator, activation, pooled, output));
}

export function convertAveragePool(lowering: Lowering, operator: TfliteOperator): void {
  const { input, output, activation, positions, whole, idle, attributes } = readPool(lowering, operator);
  const pool = (name: string, real: string) =>
    whole ? lowering.builder.node('GlobalAveragePool', name, [real]) : lowering.builder.node('AveragePool', name, [real], attributes);
  // TFLite's kernel averages what the bytes hold, int8 as int8, and rounds halves away from zero.
  const centre = input.type === 'int8' ? int8Shift : 0;
  const mean = idle
    ? lowering.value(operator, input)
    : average(lowering, operator, input, output, { positions, centre, pool, padded: !whole });
  lowering.bind(output, fusedActivation(lowering, operator, activation, mean, output));
}

/** MEAN over rows and columns. */
export function convertMean(lowering: Lowering, operator: TfliteOperator): void {
  const input = lowering.input(operator, 0, 'input');
  const output = lowering.output(operator);
  const axes = wholeNumbers(operator, lowering.input(operator, 1, 'axes'), 'axes').map((axis) =>
    axis < 0 ? axis + input.shape.length : axis,
  );
  const [, height = 0, width = 0, channels = 0] = input.shape;
  if (input.shape.length !== 4 || [...new Set(axes)].sort().join() !== '1,2') {
    throw unsupported(operator, `over dimensions [${axes}] of [${input.shape}]: only rows and columns of a feature map are converted`);
  }
  const keeps = operator.options?.uint8(0, 'keep_dims') !== 0 && operator.options !== undefined;
  expectShape(operator, output, keeps ? [1, 1, 1, channels] : [1, channels]);
  const pool = (name: string, real: string) =>
    keeps
      ? lowering.builder.node('GlobalAveragePool', name, [real])
      : lowering.builder.node('ReduceMean', name, [real], { axes: ints([2, 3]), keepdims: int(0) });
  const centre = isFloat(input) ? 0 : activationQuantization(operator, input).zeroPoint;
  lowering.bind(
    output,
    average(lowering, operator, input, output, { positions: mostPositions(lowering, height, width), centre, pool, padded: false }),
  );
}

type Average = {
  positions: number;
  /** The byte from which halves are rounded away. */
  centre: number;
  pool: (name: string, real: string) => string;
  /** Windows at the edge may cover fewer positions. */
  padded: boolean;
};

/**
 * A mean that is rounded as TFLite rounds it: exact halves (which an even number of positions makes) away from a centre, where ONNX would
 * round them to even. In the 4×4 map of MobileNet 128 every 32nd value is such a half, and one step there is a step for all that follows.
 */
function average(lowering: Lowering, operator: TfliteOperator, input: TfliteTensor, output: TfliteTensor, how: Average): string {
  const { builder } = lowering;
  const name = `${operator.index}_pool`;
  // An odd number of positions makes no halves; where ρ changes, the number does.
  const makesHalves = how.padded || how.positions % 2 === 0 || lowering.resolutions.rhos.length > 1;
  const plain = isFloat(input) || !sameQuantization(operator, input, output) || !makesHalves;
  if (plain) {
    const mean = how.pool(name, toFloat(lowering, operator, input, `${name}.real`));
    return fromFloat(lowering, operator, mean, output, `${name}.quantized`);
  }
  const scalar = (role: string, value: number) => builder.constant(`${name}.${role}`, 'float32', [], Float32Array.of(value));
  const bytes = builder.node('Cast', `${name}.bytes`, [lowering.value(operator, input)], { to: int(onnxType.float32) });
  const mean = how.pool(name, bytes);
  // A mean is a whole number of 1/positions: a quarter of that lifts halves that float32 made a hair too small, and nothing else.
  const half = scalar('half', 0.5 + 1 / (4 * how.positions));
  const rounded = (value: string, role: string) =>
    builder.node('Floor', `${name}.${role}`, [builder.node('Add', `${name}.${role}.lifted`, [value, half])]);
  const upwards = () => rounded(mean, 'rounded');
  const away = () => {
    const centre = scalar('centre', how.centre);
    const distance = builder.node('Sub', `${name}.distance`, [mean, centre]);
    const size = rounded(builder.node('Abs', `${name}.size`, [distance]), 'rounded');
    const signed = builder.node('Mul', `${name}.signed`, [size, builder.node('Sign', `${name}.sign`, [distance])]);
    return builder.node('Add', `${name}.moved`, [signed, centre]);
  };
  return builder.node('Cast', `${name}.stored`, [how.centre === 0 ? upwards() : away()], { to: int(onnxType.uint8) });
}
