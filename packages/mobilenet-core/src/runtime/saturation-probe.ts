/**
 * @file A tiny model that shows whether this processor multiplies uint8 by int8 rightly. x86 without VNNI adds each pair of products in
 * 16 bits and clips the sum (VPMADDUBSW), which ruins quantized models; ONNX Runtime has a slower, right way for those processors,
 * but takes it only when told to, and then on all x86. See "When and why do I need to try U8U8?" in ONNX Runtime's quantization guide.
 */

import { GraphBuilder } from '../graph/builder.ts';
import { encodeModel } from '../graph/encode.ts';
import { ints } from '../graph/model.ts';

const channels = 64;
const side = 4;
export const probeInput = { name: 'x', dims: [1, channels, side, side] };
export const probeOutputs = ['symmetric', 'asymmetric'] as const;

/** Largest values on both sides: each pair of products is 64 770, twice what 16 bits hold. */
export const largestInput = 255;
const largestWeight = 127;
/** What a right result comes out as; clipped pairs give about half. */
const expected = 200;
const filters = 16;

/** Two 1×1 convolutions: zero point 0 and another, because the runtime has a kernel of its own for the first. */
export function saturationProbe(): Uint8Array {
  const builder = new GraphBuilder('saturation_probe');
  builder.input(probeInput.name, 'uint8', probeInput.dims);
  builder.constant('one', 'float32', [], Float32Array.of(1));
  builder.constant('zero', 'uint8', [], Uint8Array.of(0));
  builder.constant('scale', 'float32', [], Float32Array.of((largestInput * largestWeight * channels) / expected));
  builder.constant('weights', 'int8', [filters, channels, 1, 1], new Int8Array(filters * channels).fill(largestWeight));
  for (const [index, name] of probeOutputs.entries()) {
    const zeroPoint = builder.constant(`${name}.zero`, 'int8', [], Int8Array.of(index));
    const inputs = [probeInput.name, 'one', 'zero', 'weights', 'one', zeroPoint, 'scale', 'zero'];
    builder.node('QLinearConv', name, inputs, { kernel_shape: ints([1, 1]) });
    builder.output(name, 'uint8', [1, filters, side, side]);
  }
  return encodeModel(builder.finish({}));
}

/** Whether the probe's outputs are right, give or take rounding and the second one's zero point. */
export function isExact(outputs: Iterable<number>): boolean {
  for (const value of outputs) {
    if (Math.abs(value - expected) > 3) return false;
  }
  return true;
}
