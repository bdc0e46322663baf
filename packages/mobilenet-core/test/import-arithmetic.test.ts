/** @file Converted files against TFLite's own arithmetic: each operator on the very values that ONNX Runtime gives it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTflite, type TfliteModel } from '../src/import/tflite-model.ts';
import { createClassifier, hasSampleData, importTflite, sampleDataFolder } from '../src/index.ts';
import { resultOf } from './support/expose.ts';
import { runOperator, type Values } from './support/tflite-arithmetic.ts';
import { writeTflite } from './support/tflite-writer.ts';
import { type NumberFormat, testFrame, tinyClasses, tinyModel, tinyRho } from './support/tiny-models.ts';

/** Runs a TFLite file by its own arithmetic, up to the logits; gives the values of all computed tensors. */
function runAll(model: TfliteModel, frame: Uint8Array): Map<number, Values> {
  const values = new Map([[model.inputs[0]!, inputValues(model, frame)]]);
  for (const operator of model.operators) {
    if (operator.name === 'SOFTMAX') continue;
    values.set(
      operator.outputs[0]!,
      runOperator(model, operator, (tensor) => values.get(tensor)!),
    );
  }
  return values;
}

/** A frame as the file wants it: bytes, bytes less 128, or (x − 127.5) / 127.5. */
function inputValues(model: TfliteModel, frame: Uint8Array): Values {
  const { type, shape } = model.tensors[model.inputs[0]!]!;
  if (shape[3] === 1) return Int8Array.from({ length: frame.length / 3 }, (_, pixel) => frame[3 * pixel]! - 128);
  if (type === 'float32') return Float32Array.from(frame, (byte) => (byte - 127.5) / 127.5);
  return type === 'int8' ? Int8Array.from(frame, (byte) => byte - 128) : frame;
}

function softmax(logits: number[]): number[] {
  const top = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - top));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** The file's logits as real numbers, from the tensor that its softmax reads. */
function logitsOf(model: TfliteModel, values: Map<number, Values>): number[] {
  const index = model.operators.find((operator) => operator.name === 'SOFTMAX')!.inputs[0]!;
  const { scales, zeroPoints } = model.tensors[index]!.quantization ?? { scales: [1], zeroPoints: [0] };
  return Array.from(values.get(index)!, (value) => (value - zeroPoints[0]!) * scales[0]!);
}

async function probabilities(file: Uint8Array, frame: Uint8Array): Promise<number[]> {
  const classifier = await createClassifier(file);
  const { classes } = classifier.variant;
  const { top } = await classifier.classify(frame, classes);
  await classifier.close();
  return top.sort((a, b) => a.class - b.class).map((prediction) => prediction.probability);
}

const heads = ['convolution', 'dense'] as const;
const cases = (['uint8', 'int8'] as const).flatMap((format) => heads.map((head) => [format, head] as const));

describe('a converted quantized file', () => {
  it.each(cases)('%s with a %s head: each operator comes out as TFLite reckons, but for one step of rounding', async (format, head) => {
    const bytes = writeTflite(tinyModel(format, 3, head));
    const model = readTflite(bytes);
    const frame = testFrame(tinyRho);
    for (const weights of ['int8', 'uint8'] as const) {
      const { file } = importTflite(bytes, { weights });
      const found = new Map([[model.inputs[0]!, inputValues(model, frame)]]);
      const shift = format === 'int8' ? 128 : 0;
      let offByOne = 0;
      let total = 0;
      for (const operator of model.operators) {
        if (operator.name === 'SOFTMAX') continue;
        const output = model.tensors[operator.outputs[0]!]!;
        const result = (await resultOf(file, operator.index, output.shape, frame)).map((value) => value - shift);
        const expected = runOperator(model, operator, (tensor) => found.get(tensor)!);
        const differences = expected.map((value, index) => Math.abs(value - result[index]!));
        expect(Math.max(...differences), `operator ${operator.index} ${operator.name}, ${weights} weights`).toBeLessThanOrEqual(1);
        // A constant result would agree too easily.
        expect(new Set(expected).size, `operator ${operator.index} ${operator.name} varies`).toBeGreaterThan(2);
        offByOne += differences.filter((difference) => difference === 1).length;
        total += differences.length;
        found.set(output.index, result);
      }
      // Rounding halves up or to even can only differ now and then.
      expect(offByOne / total).toBeLessThan(0.02);
    }
  });

  it.each(heads)('gives the same bytes of answer with int8 and with uint8 weights (%s head)', async (head) => {
    const bytes = writeTflite(tinyModel('uint8', 5, head));
    const frame = testFrame(tinyRho, 2);
    const [int8, uint8] = [importTflite(bytes), importTflite(bytes, { weights: 'uint8' })];
    expect(int8.variant).toMatchObject({ precision: 'int8', rho: tinyRho, classes: tinyClasses, family: 'other' });
    expect(uint8.variant.precision).toBe('uint8');
    expect(await probabilities(int8.file, frame)).toEqual(await probabilities(uint8.file, frame));
  });
});

describe('a converted file as a whole', () => {
  it.each<[NumberFormat, number]>([
    ['float32', 1e-5],
    ['uint8', 0.015],
    ['int8', 0.015],
  ])('%s: probabilities as TFLite reckons them', async (format, tolerance) => {
    const bytes = writeTflite(tinyModel(format, 8));
    const model = readTflite(bytes);
    for (const seed of [1, 2, 3]) {
      const frame = testFrame(tinyRho, seed);
      const expected = softmax(logitsOf(model, runAll(model, frame)));
      const found = await probabilities(importTflite(bytes).file, frame);
      for (const [index, probability] of expected.entries()) expect(Math.abs(found[index]! - probability)).toBeLessThan(tolerance);
    }
  });

  const folder = sampleDataFolder();
  it.skipIf(!hasSampleData(folder)).each([
    ['mobilenet_v1_0_25_128_quant', 128],
    // Grey, and no interpreter of today opens it: its biases name a dimension that they do not have.
    ['person_detect_v1_0.25_96_gray_int8', 96],
  ])('an official file, %s: the whole of it agrees with its integer arithmetic', async (name, rho) => {
    const bytes = readFileSync(join(folder, `models/${name}.tflite`));
    const model = readTflite(bytes);
    const frame = greyed(testFrame(rho));
    const expected = softmax(logitsOf(model, runAll(model, frame)));
    const found = await probabilities(importTflite(bytes).file, frame);
    const order = (values: number[]) => values.indexOf(Math.max(...values));
    expect(order(found)).toBe(order(expected));
    // Single steps of rounding add up over 29 layers; a wrong pad or zero point would throw this off by far more.
    expect(Math.max(...expected.map((probability, index) => Math.abs(found[index]! - probability)))).toBeLessThan(0.03);
  });
});

/** Without colour, so that files of one channel and of three see the same. */
function greyed(frame: Uint8Array): Uint8Array {
  return frame.map((_, index) => frame[index - (index % 3)]!);
}
