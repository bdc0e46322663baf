/** @file A whole TFLite graph → an ONNX graph with the face of the variant contract. */
import { AlpharhoError } from '@alpharho/protocol';
import { outputName } from '../../variant/read.ts';
import type { Face } from '../face.ts';
import type { InputNormalisation } from '../normalisation.ts';
import type { TfliteModel, TfliteOperator, TfliteTensor } from '../tflite-model.ts';
import { convertConvolution, convertDepthwise, convertFullyConnected } from './convolution.ts';
import { convertAdd, convertClamp, convertHardSwish, convertLogistic, convertMultiply, convertSubtract } from './elementwise.ts';
import { foldConstants } from './fold.ts';
import { convertSoftmax, softmax } from './head.ts';
import { addInput } from './input.ts';
import { Lowering, type LoweringOptions, unsupported } from './lowering.ts';
import { convertAveragePool, convertMaxPool, convertMean } from './pool.ts';
import { convertDequantize, convertQuantize, toFloat } from './quantization.ts';
import { convertConcatenation, convertPad, convertReshape, convertTranspose } from './shape.ts';

type Converter = (lowering: Lowering, operator: TfliteOperator) => void;

/** Every operator that is converted. To add one, add a line. */
const converters = new Map<string, Converter>([
  ['ADD', convertAdd],
  ['AVERAGE_POOL_2D', convertAveragePool],
  ['CONCATENATION', convertConcatenation],
  ['CONV_2D', convertConvolution],
  ['DEPTHWISE_CONV_2D', convertDepthwise],
  ['DEQUANTIZE', convertDequantize],
  ['FULLY_CONNECTED', convertFullyConnected],
  ['HARD_SWISH', convertHardSwish],
  ['LOGISTIC', convertLogistic],
  ['MAX_POOL_2D', convertMaxPool],
  ['MEAN', convertMean],
  ['MUL', convertMultiply],
  ['PAD', convertPad],
  ['QUANTIZE', convertQuantize],
  // The numbers are those of the schema's ActivationFunctionType.
  ['RELU', convertClamp(1)],
  ['RELU6', convertClamp(3)],
  ['RELU_N1_TO_1', convertClamp(2)],
  ['RESHAPE', convertReshape],
  ['SOFTMAX', convertSoftmax],
  ['SQUEEZE', convertReshape],
  ['SUB', convertSubtract],
  ['TRANSPOSE', convertTranspose],
]);

/** @throws AlpharhoError model_unsupported_operator naming the first operator that is not converted, its place, and how many more there are */
export function checkOperators(model: TfliteModel): void {
  const strange = model.operators.filter((operator) => !converters.has(operator.name));
  const [first] = strange;
  if (!first) return;
  const tensor = model.tensors[first.outputs[0] ?? -1];
  const others = [...new Set(strange.map((operator) => operator.name))].slice(1, 11);
  const rest = others.length > 0 ? `; nor are ${others.join(', ')}` : '';
  const place = `operator ${first.index} of ${model.operators.length}${tensor ? `, which makes tensor ${tensor.index} "${tensor.name}"` : ''}`;
  throw new AlpharhoError('model_unsupported_operator', `${first.name} (${place}) is not converted${rest}`);
}

export type ConvertOptions = Omit<LoweringOptions, 'resolutions'> & {
  /** What the file takes for a byte of the picture; 'bytes' only where its input is quantized. */
  normalisation: InputNormalisation;
  /** Every ρ that the graph is to serve, largest first. */
  rhos: readonly number[];
};

/**
 * @returns the lowering, its graph complete: input `image`, output `probabilities`
 */
export function convert(file: TfliteModel, face: Face, { normalisation, weights, spend, rhos }: ConvertOptions): Lowering {
  const model = foldConstants(file, spend);
  const lowering = new Lowering(model, 'mobilenet', { weights, spend, resolutions: { rhos, own: face.rho } });
  addInput(lowering, face, normalisation);
  const { last, after } = ending(model, face.output);
  for (const operator of model.operators) {
    if (operator.name === 'SOFTMAX' && operator !== last) throw unsupported(operator, 'only the one that makes the output is converted');
    if (!after.has(operator)) converters.get(operator.name)?.(lowering, operator);
  }
  addOutput(lowering, model, last, face.classes);
  return lowering;
}

type Ending = { last: TfliteOperator; after: Set<TfliteOperator> };

/**
 * The operator that makes the output. Behind a softmax, what turns its probabilities into other bytes or into floats is left out: here they are
 * floats from the start (see `softmax`).
 */
function ending({ operators, tensors }: TfliteModel, output: TfliteTensor): Ending {
  const makerOf = (tensor: number | undefined) => operators.find(({ outputs }) => tensor !== undefined && outputs.includes(tensor));
  const last = makerOf(output.index);
  if (!last) throw new AlpharhoError('model_corrupt', `TFLite file: no operator makes the output "${output.name}"`);
  const after = new Set<TfliteOperator>();
  let operator: TfliteOperator | undefined = last;
  while (operator && ['QUANTIZE', 'DEQUANTIZE'].includes(operator.name) && !after.has(operator)) {
    after.add(operator);
    operator = makerOf(operator.inputs[0]);
  }
  const made = tensors[operator?.outputs[0] ?? -1];
  const isSoftmax = operator?.name === 'SOFTMAX' && made?.shape.join() === output.shape.join();
  return isSoftmax && operator ? { last: operator, after } : { last, after: new Set() };
}

/** A file that ends in logits gets its softmax here. */
function addOutput(lowering: Lowering, model: TfliteModel, last: TfliteOperator, classes: number): void {
  const { builder } = lowering;
  const tensor = model.tensors[last.outputs[0] ?? -1];
  if (!tensor) throw new AlpharhoError('model_corrupt', 'TFLite file: its last operator makes nothing');
  const probabilities =
    last.name === 'SOFTMAX' ? lowering.value(last, tensor) : softmax(lowering, toFloat(lowering, last, tensor, 'logits'), 'softmax');
  builder.node('Identity', outputName, [probabilities]);
  builder.output(outputName, 'float32', [1, classes]);
}
