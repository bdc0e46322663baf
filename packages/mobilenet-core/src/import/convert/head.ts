/** @file RESHAPE, SQUEEZE and SOFTMAX: the way from the last feature map to probabilities. */
import { elementCount, int } from '../../graph/model.ts';
import type { TfliteOperator } from '../tflite-model.ts';
import { reshape } from './convolution.ts';
import { toFloat } from './feature-map.ts';
import { activationQuantization, damaged, isFloat, type Lowering, unsupported } from './lowering.ts';

/** RESHAPE and SQUEEZE of a feature map of one pixel: there, and only there, the layout (channels first or last) makes no difference. */
export function convertFlatten(lowering: Lowering, operator: TfliteOperator): void {
  const input = lowering.input(operator, 0, 'input');
  const output = lowering.output(operator);
  const channels = input.shape.at(-1);
  const elements = elementCount(input.shape);
  if (elements !== elementCount(output.shape)) throw damaged(operator, `[${input.shape}] cannot become [${output.shape}]`);
  if (elements !== channels || output.shape.length !== 2 || output.shape[0] !== 1) {
    throw unsupported(operator, `from [${input.shape}] to [${output.shape}]: only a map of one pixel to a row is converted`);
  }
  if (!isFloat(input)) activationQuantization(operator, input);
  lowering.bind(output, reshape(lowering, `${operator.index}_flat`, lowering.value(operator, input), output.shape));
}

export function convertSoftmax(lowering: Lowering, operator: TfliteOperator): void {
  const input = lowering.input(operator, 0, 'input');
  const output = lowering.output(operator);
  const beta = operator.options?.float32(0, 'beta', 1) ?? 1;
  if (beta !== 1) throw unsupported(operator, `beta ${beta}: only 1 is converted`);
  if (input.shape.length !== 2 || input.shape.join() !== output.shape.join()) {
    throw unsupported(operator, `on [${input.shape}]: only a row of classes is converted`);
  }
  const logits = toFloat(lowering, operator, input, `${operator.index}_logits`);
  lowering.bind(output, softmax(lowering, logits, `${operator.index}_softmax`));
}

/** Softmax in float32, also for quantized files: TFLite would round the probabilities to 1/256, which makes ties and helps nobody. */
export function softmax(lowering: Lowering, logits: string, name: string): string {
  return lowering.builder.node('Softmax', name, [logits], { axis: int(-1) });
}
