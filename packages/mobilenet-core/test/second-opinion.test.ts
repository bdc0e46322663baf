/**
 * @file Converted files against another implementation of TFLite, LiteRT with its XNNPACK kernels, on the same pixels of 20 photographs.
 * The two agree to the rounding of LiteRT's own output, but where XNNPACK is coarser than TFLite's reference kernels and ours: its sums (V2, V3)
 * have multipliers of 20 bits, its QUANTIZE (SqueezeNet) one of 8. A step there is a few steps at the end, on some photographs.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTflite } from '../src/import/tflite-model.ts';
import { createClassifier, decodeImage, hasSampleData, importTflite, parseLabelList, sampleDataFolder } from '../src/index.ts';
import { type Interpreter, openLiteRt } from './support/litert.ts';

const folder = sampleDataFolder();
const photographs = join(folder, 'images/imagenet');
const every = 12;

type Frame = Uint8Array;
const bytes = (values: ArrayLike<number> & { buffer: ArrayBufferLike }): Uint8Array => new Uint8Array(values.buffer);
const clamp = (value: number) => Math.min(127, Math.max(-128, value));

/** What each kind of file takes for a frame, from its documentation. */
const inputs = {
  uint8: (frame: Frame) => frame,
  int8: (frame: Frame) => bytes(Int8Array.from(frame, (byte) => byte - 128)),
  float: (frame: Frame) => bytes(Float32Array.from(frame, (byte) => (byte - 127.5) / 127.5)),
  /** Scale 1/128, zero point 0. */
  squeezenet: (frame: Frame) =>
    bytes(Int8Array.from(frame, (byte, index) => clamp(Math.round(((byte - [123.68, 116.78, 103.94][index % 3]!) / 255) * 128)))),
  channelsFirst: (frame: Frame, scale: number, zeroPoint: number) => {
    const pixels = frame.length / 3;
    const planes = Int8Array.from(frame, (_, index) => {
      const channel = Math.floor(index / pixels);
      const real = (frame[(index % pixels) * 3 + channel]! / 255 - [0.485, 0.456, 0.406][channel]!) / [0.229, 0.224, 0.225][channel]!;
      return clamp(Math.round(real / scale) + zeroPoint);
    });
    return bytes(planes);
  },
};

type Differences = { sameTop: number; worst: number; median: number; log: readonly string[] };

const decoded = new Map<number, Promise<Frame[]>>();

/** Twenty photographs of as many classes; each size is decoded once. */
function framesOf(rho: number): Promise<Frame[]> {
  const images = parseLabelList(readFileSync(join(photographs, 'labels.csv'), 'utf8'), 'labels.csv').filter(
    (_, index) => index % every === 0,
  );
  const frames = decoded.get(rho) ?? Promise.all(images.slice(0, 20).map(({ file }) => decodeImage(join(photographs, file), { rho })));
  decoded.set(rho, frames);
  return frames;
}

async function compare(name: string, kind: keyof typeof inputs): Promise<Differences> {
  const file = readFileSync(join(folder, 'models', `${name}.tflite`));
  const model = readTflite(file);
  const { quantization: { scales: [scale = 1] = [], zeroPoints: [zero = 0] = [] } = {} } = model.tensors[model.inputs[0]!]!;
  const other = await openLiteRt(file);
  const ours = await createClassifier(importTflite(file).file);
  const { rho, classes } = ours.variant;
  const differences: number[] = [];
  let sameTop = 0;
  for (const frame of await framesOf(rho)) {
    const expected = probabilitiesOf(model, other.run(inputs[kind](frame, scale, zero)));
    const { top } = await ours.classify(frame, classes);
    const found = new Float64Array(classes);
    for (const prediction of top) found[prediction.class] = prediction.probability;
    differences.push(Math.max(...expected.map((probability, index) => Math.abs(probability - found[index]!))));
    // Rounded to 1/256, several classes may share the first place.
    if (expected[top[0]!.class] === Math.max(...expected)) sameTop++;
  }
  await ours.close();
  const sorted = differences.toSorted((a, b) => a - b);
  return { sameTop, worst: sorted.at(-1)!, median: sorted[Math.floor(sorted.length / 2)]!, log: other.log };
}

/** The other's output as real numbers, through softmax where the file has none. */
function probabilitiesOf(model: ReturnType<typeof readTflite>, raw: ReturnType<Interpreter['run']>): number[] {
  const output = model.tensors[model.outputs[0]!]!;
  if (output.type === 'float32') return [...new Float32Array(raw.buffer)];
  const { scales: [scale = 1] = [], zeroPoints: [zero = 0] = [] } = output.quantization ?? {};
  const real = Array.from(output.type === 'int8' ? new Int8Array(raw.buffer) : raw, (value) => (value - zero) * scale);
  if (model.operators.at(-1)!.name === 'SOFTMAX') return real;
  const powers = real.map((logit) => Math.exp(logit - Math.max(...real)));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

describe.skipIf(!hasSampleData(folder))('another TFLite interpreter', () => {
  const quantized = 2 / 256;
  it.each<[string, keyof typeof inputs, number]>([
    ['mobilenet_v1_0_25_128_quant', 'uint8', quantized],
    ['mobilenet_v2_0_5_96_quant', 'uint8', quantized],
    ['visual_wake_words_v1_0.25_96_int8', 'int8', quantized],
    ['mobilenet_v2_1_0_224_int8_nchw', 'channelsFirst', quantized],
    ['mobilenet_v1_0_25_224_float', 'float', 1e-4],
  ])('agrees with %s', async (name, kind, limit) => {
    const { sameTop, worst, log } = await compare(name, kind);
    expect(log.join('\n')).toContain('XNNPACK CPU accelerator registered');
    expect(sameTop).toBe(20);
    expect(worst).toBeLessThanOrEqual(limit);
  });

  it.each<[string, keyof typeof inputs, number, number]>([
    ['mobilenet_v2_0_75_128_quant', 'uint8', 1 / 256, 0.1],
    ['squeezenet_quant', 'squeezenet', 5 / 256, 0.4],
  ])('agrees with %s, but for its coarser multipliers', async (name, kind, usual, limit) => {
    const { sameTop, worst, median } = await compare(name, kind);
    expect(sameTop).toBeGreaterThanOrEqual(19);
    expect(median).toBeLessThanOrEqual(usual);
    expect(worst).toBeLessThanOrEqual(limit);
  });
});
