/** @file A whole TFLite graph → an ONNX graph with the face of the variant contract. */
import { AlpharhoError } from '@alpharho/protocol';
import { ints } from '../../graph/model.ts';
import { inputName, outputName } from '../../variant/read.ts';
import type { Face } from '../face.ts';
import type { TfliteModel, TfliteOperator, TfliteTensor } from '../tflite-model.ts';
import { convertConvolution, convertDepthwise, convertFullyConnected } from './convolution.ts';
import { convertAdd, convertAveragePool, toFloat } from './feature-map.ts';
import { convertFlatten, convertSoftmax, softmax } from './head.ts';
import { isFloat, Lowering, type WeightStorage } from './lowering.ts';

type Converter = (lowering: Lowering, operator: TfliteOperator) => void;

/** Every operator that is converted. To add one, add a line. */
const converters = new Map<string, Converter>([
  ['ADD', convertAdd],
  ['AVERAGE_POOL_2D', convertAveragePool],
  ['CONV_2D', convertConvolution],
  ['DEPTHWISE_CONV_2D', convertDepthwise],
  ['FULLY_CONNECTED', convertFullyConnected],
  ['RESHAPE', convertFlatten],
  ['SOFTMAX', convertSoftmax],
  ['SQUEEZE', convertFlatten],
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

/** @returns the lowering, its graph complete: input `image`, output `probabilities` */
export function convert(model: TfliteModel, face: Face, weightStorage: WeightStorage): Lowering {
  const lowering = new Lowering(model, 'mobilenet', weightStorage);
  lowering.bind(face.input, addInput(lowering, face));
  for (const operator of model.operators) converters.get(operator.name)?.(lowering, operator);
  addOutput(lowering, model, face);
  return lowering;
}

/**
 * The picture's bytes, channels first. A quantized file's input holds pixel values as they are (int8 ones less 128, see `int8Shift`):
 * its scale and zero point are the normalisation. A float file takes (x − 127.5) / 127.5 as all of tf-slim's MobileNets do.
 * The layout changes while the values are still bytes: a quarter of the memory traffic of floats; quantized, ONNX Runtime cancels it out.
 */
function addInput(lowering: Lowering, { input, rho }: Face): string {
  const { builder } = lowering;
  const image = builder.input(inputName, 'uint8', [1, rho, rho, 3]);
  const planes = builder.node('Transpose', 'planes', [image], { perm: ints([0, 3, 1, 2]) });
  if (!isFloat(input)) return planes;
  const half = builder.constant('normalise.middle', 'float32', [], Float32Array.of(127.5));
  const floats = builder.node('Cast', 'floats', [planes], { to: { type: 'int', value: 1 } });
  const centred = builder.node('Sub', 'centred', [floats, half]);
  return builder.node('Div', 'normalised', [centred, half]);
}

/** A file that ends in logits gets its softmax here. */
function addOutput(lowering: Lowering, model: TfliteModel, { output, classes }: Face): void {
  const { builder } = lowering;
  const last = model.operators.find((operator) => operator.outputs.includes(output.index));
  if (!last) throw new AlpharhoError('model_corrupt', `TFLite file: no operator makes the output "${output.name}"`);
  const probabilities =
    last.name === 'SOFTMAX' ? lowering.value(last, output) : softmax(lowering, logits(lowering, last, output), 'softmax');
  builder.node('Identity', outputName, [probabilities]);
  builder.output(outputName, 'float32', [1, classes]);
}

function logits(lowering: Lowering, operator: TfliteOperator, output: TfliteTensor): string {
  return toFloat(lowering, operator, output, 'logits');
}
