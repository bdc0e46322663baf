/** @file TensorFlow's padding rules as explicit ONNX pads. */

/** Padding of the schema. */
export const same = 0;

export type Window = { kernel: number; stride: number; dilation: number };

/**
 * Output size and pads of one axis. SAME puts the odd row or column at the end, which a symmetric pad would silently get wrong.
 * Source: https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2
 */
export function padAxis(
  padding: number,
  input: number,
  { kernel, stride, dilation }: Window,
): { output: number; begin: number; end: number } {
  const reach = (kernel - 1) * dilation + 1;
  if (padding !== same) return { output: Math.floor((input - reach) / stride) + 1, begin: 0, end: 0 };
  const output = Math.ceil(input / stride);
  const total = Math.max(0, (output - 1) * stride + reach - input);
  const begin = Math.floor(total / 2);
  return { output, begin, end: total - begin };
}
