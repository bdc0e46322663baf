/** @file The nodes before a foreign graph: from a camera's frame, uint8 [1, ρ, ρ, 3], to the tensor that the model was trained on. */
import { int, ints } from '../graph/model.ts';
import type { Face } from './face.ts';
import type { Patch } from './patch.ts';
import type { Pixels } from './pixels.ts';
import { luminance } from './plain.ts';
import { corner } from './sizes.ts';

/** @param isOpen the model is to take other sizes than this one, too */
type FrontFace = Face & { isOpen: boolean };

/**
 * Layout first, while a pixel is one byte; then colour, then numbers.
 * @param image the contract's input
 * @param target what the foreign graph calls its input
 */
export function writeFront(patch: Patch, image: string, target: string, face: FrontFace, pixels: Pixels): void {
  const { input, layout, channels } = face;
  const whole = input.type === 'uint8' || input.type === 'int8';
  const seen = writeCrop(patch, image, face);
  const swapped = channels === 3 && pixels.colour === 'bgr';
  let value = seen;
  if (layout === 'nchw' || channels === 1 || swapped) value = patch.node('Transpose', 'adopt/planes', [seen], { perm: ints([0, 3, 1, 2]) });
  if (channels === 1) value = writeGrey(patch, value, face);
  // Whole planes change places: three bytes at a time cost a millisecond.
  if (swapped) value = writeGather(patch, 'adopt/bgr', value, [2, 1, 0], 1);
  if (swapped && layout === 'nhwc') value = patch.node('Transpose', 'adopt/last', [value], { perm: ints([0, 2, 3, 1]) });
  if (!whole || input.type === 'int8') {
    if (channels === 3) value = patch.cast('adopt/numbers', value, 'float32');
    value = writeNormalisation(patch, value, face, whole ? { ...pixels, mean: [128], std: [1] } : pixels);
  }
  const stillBytes = input.type === 'uint8' && channels === 3;
  if (input.type !== 'float32' && !stillBytes) value = patch.cast('adopt/type', value, input.type);
  patch.alias('adopt/input', value, target);
}

/** The middle of the frame, where the model's image is not square. */
function writeCrop(patch: Patch, image: string, face: Face): string {
  const { rho, height, width } = face;
  const { top, left } = corner(face);
  const range = (from: number, length: number) => Array.from({ length }, (_, index) => from + index);
  const rows = height === rho ? image : writeGather(patch, 'adopt/rows', image, range(top, height), 1);
  return width === rho ? rows : writeGather(patch, 'adopt/columns', rows, range(left, width), 2);
}

/** Gather where Slice would do: Slice takes its bounds as attributes before opset 10 and as inputs after. */
function writeGather(patch: Patch, name: string, value: string, indices: number[], axis: number): string {
  const chosen = patch.constant(`${name}.indices`, 'int64', [indices.length], BigInt64Array.from(indices, BigInt));
  return patch.node('Gather', name, [value, chosen], { axis: int(axis) });
}

/** Red, green and blue planes to one grey plane of whole numbers, exactly as `plain.ts` has it. */
function writeGrey(patch: Patch, planes: string, { height, width, layout, isOpen }: FrontFace): string {
  const { red, green, blue, half, unit } = luminance;
  const scalar = (name: string, value: number) => patch.constant(name, 'float32', [], Float32Array.of(value));
  const weights = patch.constant('adopt/luminance.weights', 'float32', [1, 3, 1, 1], Float32Array.of(red, green, blue));
  const numbers = patch.cast('adopt/numbers', planes, 'float32');
  const sum = patch.node('Conv', 'adopt/luminance', [numbers, weights], { kernel_shape: ints([1, 1]) });
  const rounded = patch.node('Add', 'adopt/luminance/half', [sum, scalar('adopt/luminance.half', half)]);
  // A power of two: multiplying by its inverse is exact.
  const scaled = patch.node('Mul', 'adopt/luminance/unit', [rounded, scalar('adopt/luminance.unit', 1 / unit)]);
  const grey = patch.node('Floor', 'adopt/luminance/floor', [scaled]);
  if (layout === 'nhwc' && isOpen) return patch.node('Transpose', 'adopt/luminance/last', [grey], { perm: ints([0, 2, 3, 1]) });
  return layout === 'nchw' ? grey : patch.reshape('adopt/luminance/last', grey, [1, height, width, 1]);
}

/** Two passes over the picture, fewer where the numbers say that nothing is to be done. */
function writeNormalisation(patch: Patch, value: string, { layout, width, isOpen }: FrontFace, { mean, std }: Pixels): string {
  const constant = (name: string, values: number[]) => {
    if (values.every((each) => each === values[0])) return patch.constant(name, 'float32', [], Float32Array.from(values.slice(0, 1)));
    if (layout === 'nchw') return patch.constant(name, 'float32', [values.length, 1, 1], Float32Array.from(values));
    if (isOpen) return patch.constant(name, 'float32', [values.length], Float32Array.from(values));
    // A whole row at a time: broadcasting three numbers makes the runtime work pixel by pixel, ten times as long.
    const row = Float32Array.from({ length: width * values.length }, (_, at) => values[at % values.length]!);
    return patch.constant(name, 'float32', [width, values.length], row);
  };
  const centred = mean.every((each) => each === 0) ? value : patch.node('Sub', 'adopt/mean', [value, constant('adopt/mean.values', mean)]);
  return std.every((each) => each === 1) ? centred : patch.node('Div', 'adopt/std', [centred, constant('adopt/std.values', std)]);
}
