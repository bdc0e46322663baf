/** @file The graph's beginning: from the picture's bytes to what the TFLite file takes. */
import { int, ints } from '../../graph/model.ts';
import { inputName } from '../../variant/read.ts';
import { imageDims } from '../../variant/resolutions.ts';
import type { Face } from '../face.ts';
import type { InputNormalisation } from '../normalisation.ts';
import { activationQuantization, isFloat, type Lowering, toGraphOrder } from './lowering.ts';

/** TensorProto.DataType FLOAT. */
const float = 1;

/** ITU-R BT.601 luma, with the digits of tf.image.rgb_to_grayscale (tensorflow/python/ops/image_ops_impl.py, `rgb_weights`). */
const luma = [0.2989, 0.587, 0.114];

/**
 * Adds `image`, uint8 [1, ρ, ρ, 3] with sides as `imageDims` has them, and binds the file's input to it.
 * The layout changes while the values are still bytes: a quarter of the memory traffic of floats; quantized, ONNX Runtime cancels it out.
 */
export function addInput(lowering: Lowering, { input, channels, channelsFirst }: Face, normalisation: InputNormalisation): void {
  const { builder } = lowering;
  const image = builder.input(inputName, 'uint8', imageDims(lowering.resolutions.rhos));
  const planes = builder.node('Transpose', 'planes', [image], { perm: ints(toGraphOrder) });
  const seen = channels === 1 ? grey(lowering, planes, normalisation === 'bytes') : planes;
  const values = normalisation === 'bytes' ? seen : normalised(lowering, seen, { input, channels, normalisation });
  // A file's [1, C, H, W] is taken for [N, H, W, C] by the graph's rule, which puts its last dimension second.
  if (channelsFirst) lowering.bindTransposed(input, values, toGraphOrder, 'input');
  else lowering.bind(input, values);
}

/** The picture in grey: as float32, or rounded back to bytes. */
function grey(lowering: Lowering, planes: string, bytes: boolean): string {
  const { builder } = lowering;
  const colours = builder.node('Cast', 'colours', [planes], { to: int(float) });
  // A product and a sum, not a convolution: it is no layer of the network, and not to be counted as one.
  const weights = builder.constant('luma.weight', 'float32', [3, 1, 1], Float32Array.from(luma));
  const axis = builder.constant('luma.axis', 'int64', [1], BigInt64Array.of(1n));
  const real = builder.node('ReduceSum', 'luma', [builder.node('Mul', 'weighted', [colours, weights]), axis]);
  if (!bytes) return real;
  const one = builder.constant('luma.scale', 'float32', [], Float32Array.of(1));
  const zero = builder.constant('luma.zero', 'uint8', [], Uint8Array.of(0));
  return builder.node('QuantizeLinear', 'grey', [real, one, zero]);
}

type Normalising = { input: Face['input']; channels: 1 | 3; normalisation: Exclude<InputNormalisation, 'bytes'> };

/** (byte − mean) / std; for a quantized input, the byte of its own that stands for that. */
function normalised(lowering: Lowering, values: string, { input, channels, normalisation }: Normalising): string {
  const { builder } = lowering;
  const perChannel = (name: string, numbers: number[]) => {
    const same = numbers.every((value) => value === numbers[0]);
    return builder.constant(name, 'float32', same ? [] : [numbers.length, 1, 1], Float32Array.from(same ? numbers.slice(0, 1) : numbers));
  };
  const floats = channels === 1 ? values : builder.node('Cast', 'floats', [values], { to: int(float) });
  const centred = builder.node('Sub', 'centred', [floats, perChannel('normalise.mean', normalisation.mean)]);
  const real = builder.node('Div', 'normalised', [centred, perChannel('normalise.std', normalisation.std)]);
  if (isFloat(input)) return real;
  const { scale, zeroPoint } = activationQuantization(undefined, input);
  const scaleName = builder.constant('input.scale', 'float32', [], Float32Array.of(scale));
  const zeroName = builder.constant('input.zero', 'uint8', [], Uint8Array.of(zeroPoint));
  return builder.node('QuantizeLinear', 'stored', [real, scaleName, zeroName]);
}
