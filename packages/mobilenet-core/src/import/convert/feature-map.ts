/** @file ADD and AVERAGE_POOL_2D: what joins and shrinks feature maps. */
import { ints } from '../../graph/model.ts';
import type { TfliteOperator, TfliteTensor } from '../tflite-model.ts';
import { fusedActivation } from './activation.ts';
import { expectShape } from './convolution.ts';
import { activationQuantization, damaged, isFloat, type Lowering, unsupported } from './lowering.ts';
import { padAxis } from './padding.ts';

/**
 * A residual sum. Quantized it is written as dequantize, add, quantize: plain ONNX that any runtime understands,
 * which ONNX Runtime fuses into its QLinearAdd when it loads the file.
 */
export function convertAdd(lowering: Lowering, operator: TfliteOperator): void {
  const terms = [lowering.input(operator, 0, 'first term'), lowering.input(operator, 1, 'second term')];
  const output = lowering.output(operator);
  for (const term of terms) {
    if (term.shape.join() !== output.shape.join())
      throw unsupported(operator, `adding [${term.shape}] to [${output.shape}] is not converted`);
  }
  const values = terms.map((term, index) => toFloat(lowering, operator, term, `${operator.index}_term${index}`));
  const sum = lowering.builder.node('Add', `${operator.index}_add`, values);
  finish(lowering, operator, sum, output, operator.options?.int8(0, 'fused_activation_function') ?? 0);
}

export function convertAveragePool(lowering: Lowering, operator: TfliteOperator): void {
  const input = lowering.input(operator, 0, 'input');
  const output = lowering.output(operator);
  const options = operator.options;
  if (!options || input.shape.length !== 4) throw damaged(operator, 'its options or its input do not make sense');
  const [, height = 0, width = 0, channels = 0] = input.shape;
  const padding = options.int8(0, 'padding');
  const across = { kernel: options.int32(3, 'filter_width'), stride: options.int32(1, 'stride_w'), dilation: 1 };
  const down = { kernel: options.int32(4, 'filter_height'), stride: options.int32(2, 'stride_h'), dilation: 1 };
  if ([across, down].some(({ kernel, stride }) => kernel < 1 || stride < 1 || kernel > 1024 || stride > 1024)) {
    throw damaged(operator, 'its window is out of range');
  }
  const x = padAxis(padding, width, across);
  const y = padAxis(padding, height, down);
  expectShape(operator, output, [1, y.output, x.output, channels]);
  sameQuantization(operator, input, output);
  const activation = options.int8(5, 'fused_activation_function');

  const value = lowering.value(operator, input);
  const window = { kernel_shape: ints([down.kernel, across.kernel]), strides: ints([down.stride, across.stride]) };
  if (across.kernel * down.kernel * across.stride * down.stride === 1) {
    lowering.bind(output, fusedActivation(lowering, operator, activation, value, output));
    return;
  }
  const real = toFloat(lowering, operator, input, `${operator.index}_pooled`);
  const whole = across.kernel === width && down.kernel === height && x.output * y.output === 1;
  const mean = whole
    ? lowering.builder.node('GlobalAveragePool', `${operator.index}_pool`, [real])
    : lowering.builder.node('AveragePool', `${operator.index}_pool`, [real], { ...window, pads: ints([y.begin, x.begin, y.end, x.end]) });
  finish(lowering, operator, mean, output, activation);
}

/** The value as float32; a quantized one through DequantizeLinear. */
export function toFloat(lowering: Lowering, operator: TfliteOperator, tensor: TfliteTensor, name: string): string {
  const value = lowering.value(operator, tensor);
  if (isFloat(tensor)) return value;
  return lowering.builder.node('DequantizeLinear', name, [value, ...lowering.quantizationInputs(operator, tensor)]);
}

function finish(lowering: Lowering, operator: TfliteOperator, value: string, output: TfliteTensor, activation: number): void {
  const stored = isFloat(output)
    ? value
    : lowering.builder.node('QuantizeLinear', `${operator.index}_quantized`, [value, ...lowering.quantizationInputs(operator, output)]);
  lowering.bind(output, fusedActivation(lowering, operator, activation, stored, output));
}

function sameQuantization(operator: TfliteOperator, input: TfliteTensor, output: TfliteTensor): void {
  if (isFloat(input) && isFloat(output)) return;
  const a = activationQuantization(operator, input);
  const b = activationQuantization(operator, output);
  if (a.scale === b.scale && a.zeroPoint === b.zeroPoint) return;
  throw unsupported(operator, 'its output is quantized differently from its input');
}
