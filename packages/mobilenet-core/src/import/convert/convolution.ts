/** @file CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED → QLinearConv or Conv. */
import type { Attribute } from '../../graph/model.ts';
import { elementCount, int, ints } from '../../graph/model.ts';
import type { TfliteOperator, TfliteTensor } from '../tflite-model.ts';
import { fusedActivation } from './activation.ts';
import { damaged, isFloat, type Lowering, unsupported } from './lowering.ts';
import { padAxis, same } from './padding.ts';
import { addBias, addWeights, type WeightLayout } from './weights.ts';

type Operands = { input: TfliteTensor; weights: TfliteTensor; bias: TfliteTensor | undefined; output: TfliteTensor };

/** Strides, dilations and kernels beyond this have no meaning on images of at most 1024 pixels a side. */
const largestWindow = 1024;

function operands(lowering: Lowering, operator: TfliteOperator): Operands {
  return {
    input: lowering.input(operator, 0, 'input'),
    weights: lowering.input(operator, 1, 'weights'),
    bias: lowering.optionalInput(operator, 2),
    output: lowering.output(operator),
  };
}

/** Field numbers of Conv2DOptions and DepthwiseConv2DOptions; the latter has depth_multiplier before the activation. */
type ConvolutionFields = { activation: number; dilation: number };
const plainFields: ConvolutionFields = { activation: 3, dilation: 4 };
const depthwiseFields: ConvolutionFields = { activation: 4, dilation: 5 };

export function convertConvolution(lowering: Lowering, operator: TfliteOperator): void {
  spatial(lowering, operator, 'OHWI', plainFields);
}

export function convertDepthwise(lowering: Lowering, operator: TfliteOperator): void {
  spatial(lowering, operator, '1HWO', depthwiseFields);
}

function spatial(lowering: Lowering, operator: TfliteOperator, layout: WeightLayout, fields: ConvolutionFields): void {
  const parts = operands(lowering, operator);
  const { input, weights, output } = parts;
  const options = operator.options;
  if (!options) throw damaged(operator, 'its options are missing');
  const [, height = 0, width = 0, channels = 0] = rank4(operator, input);
  const [first = 0, kernelHeight = 0, kernelWidth = 0, last = 0] = rank4(operator, weights);
  const filters = layout === 'OHWI' ? first : last;
  // Each group of filters sees `last` of the channels; depthwise, one of them (whose number of filters is the depth multiplier).
  const groups = layout === 'OHWI' ? channels / last : channels;
  if (!Number.isInteger(groups) || groups < 1 || filters < 1 || filters % groups !== 0 || (layout === '1HWO' && first !== 1)) {
    throw damaged(operator, `weights of shape [${weights.shape}] do not fit an input of ${channels} channels`);
  }

  const padding = options.int8(0, 'padding');
  const across = {
    kernel: kernelWidth,
    stride: options.int32(1, 'stride_w'),
    dilation: options.int32(fields.dilation, 'dilation_w_factor', 1),
  };
  const down = {
    kernel: kernelHeight,
    stride: options.int32(2, 'stride_h'),
    dilation: options.int32(fields.dilation + 1, 'dilation_h_factor', 1),
  };
  const sizes = [across, down].flatMap((window) => Object.values(window));
  if (sizes.some((size) => size < 1 || size > largestWindow))
    throw damaged(operator, `kernel, stride and dilation [${sizes}] are out of range`);
  const x = padAxis(padding, width, across);
  const y = padAxis(padding, height, down);
  expectShape(operator, output, [1, y.output, x.output, filters]);

  // A PAD in front: its margin of zeros is what this operator pads with too.
  const { source, margins } = lowering.unpadded(input);
  const attributes = {
    kernel_shape: ints([kernelHeight, kernelWidth]),
    strides: ints([down.stride, across.stride]),
    dilations: ints([down.dilation, across.dilation]),
    pads: ints([y.begin + margins.top, x.begin + margins.left, y.end + margins.bottom, x.end + margins.right]),
    group: int(groups),
  };
  const value = lowering.value(operator, source);
  if (padding === same) lowering.samePadded.push({ operator, value, margins, down, across });
  record(lowering, parts, groups > 1 && layout === '1HWO', filters, x.output * y.output);
  const result = emit(lowering, operator, parts, layout, value, attributes);
  lowering.bind(output, fusedActivation(lowering, operator, options.int8(fields.activation, 'fused_activation_function'), result, output));
}

/** A fully connected layer on [1, C] is a 1×1 convolution on [1, C, 1, 1]: the same kernels run it. */
export function convertFullyConnected(lowering: Lowering, operator: TfliteOperator): void {
  const parts = operands(lowering, operator);
  const { input, weights, output } = parts;
  const [filters = 0, channels = 0] = weights.shape;
  if (weights.shape.length !== 2) throw damaged(operator, `weights of shape [${weights.shape}]; two dimensions are expected`);
  if (elementCount(input.shape) !== channels || input.shape.at(-1) !== channels) {
    throw unsupported(
      operator,
      `an input of shape [${input.shape}] on ${channels} weights a filter: only one vector at a time is converted`,
    );
  }
  expectShape(operator, output, [1, filters]);
  const weightsFormat = operator.options?.int8(1, 'weights_format') ?? 0;
  if (weightsFormat !== 0) throw unsupported(operator, 'shuffled weights are not converted');
  record(lowering, parts, false, filters, 1);
  const value = reshape(lowering, `${operator.index}_column`, lowering.value(operator, input), [1, channels, 1, 1]);
  const result = emit(lowering, operator, parts, 'OI', value, { kernel_shape: ints([1, 1]) });
  const activation = operator.options?.int8(0, 'fused_activation_function') ?? 0;
  const active = fusedActivation(lowering, operator, activation, result, output);
  lowering.bind(output, reshape(lowering, `${operator.index}_row`, active, [1, filters]));
}

/** @param positions output pixels: each weight is used once at each of them */
function record(lowering: Lowering, { weights, bias }: Operands, depthwise: boolean, filters: number, positions: number): void {
  const count = elementCount(weights.shape);
  lowering.layers.push({
    depthwise,
    quantized: !isFloat(weights),
    filters,
    multiplyAdds: count * positions,
    parameters: count + (bias ? filters : 0),
  });
}

export function reshape(lowering: Lowering, name: string, value: string, shape: number[]): string {
  const target = lowering.builder.constant(`${name}.shape`, 'int64', [shape.length], BigInt64Array.from(shape, BigInt));
  return lowering.builder.node('Reshape', name, [value, target]);
}

function emit(
  lowering: Lowering,
  operator: TfliteOperator,
  { input, weights, bias, output }: Operands,
  layout: WeightLayout,
  value: string,
  attributes: Record<string, Attribute>,
): string {
  const name = `${operator.index}_conv`;
  if (isFloat(input) !== isFloat(weights) || isFloat(input) !== isFloat(output)) {
    throw unsupported(operator, `${weights.type} weights between ${input.type} and ${output.type} values are not converted`);
  }
  const stored = addWeights(lowering, operator, weights, layout, `${name}.weight`);
  const biasInput = bias ? [addBias(lowering, operator, bias, input, weights, layout, `${name}.bias`)] : [];
  if (isFloat(input)) return lowering.builder.node('Conv', name, [value, ...stored, ...biasInput], attributes);
  const inputs = [
    value,
    ...lowering.quantizationInputs(operator, input),
    ...stored,
    ...lowering.quantizationInputs(operator, output),
    ...biasInput,
  ];
  return lowering.builder.node('QLinearConv', name, inputs, attributes);
}

function rank4(operator: TfliteOperator, tensor: TfliteTensor): number[] {
  if (tensor.shape.length === 4) return tensor.shape;
  throw damaged(operator, `tensor ${tensor.index} "${tensor.name}" has shape [${tensor.shape}]; four dimensions are expected`);
}

export function expectShape(operator: TfliteOperator, tensor: TfliteTensor, shape: number[]): void {
  if (tensor.shape.length === shape.length && tensor.shape.every((size, index) => size === shape[index])) return;
  throw damaged(operator, `its output is declared [${tensor.shape}] but works out as [${shape}]`);
}
