/** @file Building variants: the same bytes everywhere, true metadata, layers computed right, bad options refused. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { convolve as naive, type Value } from '../../test/reference-network.ts';
import { type Layer, samePadding, weightDims } from '../architecture/layers.ts';
import { decodeModel } from '../graph/decode.ts';
import { elementCount } from '../graph/model.ts';
import { readVariant } from '../variant/read.ts';
import { buildVariant } from './build-variant.ts';
import { averagePool, type Batch, convolve } from './forward.ts';
import { uniform } from './prng.ts';

const tiny = { family: 'v1', alpha: 0.25, rho: 32, labels: ['a', 'b', 'c'], seed: 7 } as const;
const build = (change: Partial<Parameters<typeof buildVariant>[0]> = {}) => buildVariant({ ...tiny, labels: [...tiny.labels], ...change });

describe('uniform', () => {
  it('gives the known stream of its seed', () => {
    const random = uniform(1);
    const first = [random(), random(), random()].map((value) => value * 2 ** 32);
    expect(first).toEqual([684_060_351, 825_713_757, 1_633_413_750]);
  });

  it('spreads evenly over [0, 1)', () => {
    const random = uniform(3);
    const values = Array.from({ length: 10_000 }, random);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    const tenths = Array.from({ length: 10 }, (_, i) => values.filter((value) => Math.floor(value * 10) === i).length);
    for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('has independent streams', () => {
    expect(uniform(1, 1)()).not.toBe(uniform(1, 2)());
    expect(uniform(1, 1)()).not.toBe(uniform(2, 1)());
  });
});

describe('buildVariant', () => {
  it('gives these very bytes on every machine', () => {
    expect(createHash('sha256').update(build()).digest('hex')).toBe('a613585c49cb22777ec9bcfe9141e05df4a5a241d94f0a0e74abb81120ce76cf');
  });

  it('gives other weights for another seed', () => {
    const weights = (seed: number) => decodeModel(build({ seed })).graph.initializers.find(({ name }) => name === 'pw3/weights')?.data;
    expect(weights(7)).toEqual(weights(7));
    expect(weights(7)).not.toEqual(weights(8));
  });

  it('says what it is', () => {
    expect(readVariant(build())).toMatchObject({
      family: 'v1',
      alpha: 0.25,
      rho: 32,
      precision: 'float32',
      weights: 'random',
      classes: 3,
      labels: ['a', 'b', 'c'],
      preprocessing: { crop: 0.875, resize: 'bilinear' },
      provenance: 'random weights, seed 7',
    });
  });

  it('names its nodes after the layers', () => {
    const names = decodeModel(build()).graph.nodes.map((node) => node.name);
    expect(names).toEqual(expect.arrayContaining(['input/nchw', 'conv', 'dw1', 'pw1', 'pw13', 'pool', 'fc', 'softmax']));
  });

  it('pads stride-2 layers below and to the right only, as TensorFlow does', () => {
    const { nodes } = decodeModel(build({ rho: 64 })).graph;
    const pads = (name: string) => nodes.find((node) => node.name === name)?.attributes.pads;
    expect(pads('conv')).toEqual({ type: 'ints', value: [0, 0, 1, 1] });
    expect(pads('dw2')).toEqual({ type: 'ints', value: [0, 0, 1, 1] });
    expect(pads('dw1')).toEqual({ type: 'ints', value: [1, 1, 1, 1] });
  });

  it.each([
    [{ rho: 100 }, 'rho: must be a multiple of 32 (such as 128, 160, 192 or 224)'],
    [{ alpha: -1 }, 'alpha: must be above 0'],
    [{ labels: ['one'] }, 'classes: must be at least 2'],
    [{ labels: ['one', ''] }, 'labels: '],
    [{ seed: 1.5 }, 'seed: must be a whole number from 0 to 4294967295'],
    [{ seed: -1 }, 'seed: must be a whole number from 0 to 4294967295'],
  ])('refuses %o', (change, message) => {
    expect(() => build(change)).toThrow(expect.objectContaining({ code: 'config_invalid', message: expect.stringContaining(message) }));
  });
});

describe('layers in TypeScript', () => {
  const shapes: Pick<Layer, 'kind' | 'kernel' | 'stride'>[] = [
    { kind: 'conv', kernel: 3, stride: 2 },
    { kind: 'conv', kernel: 3, stride: 1 },
    { kind: 'depthwise', kernel: 3, stride: 1 },
    { kind: 'depthwise', kernel: 3, stride: 2 },
    { kind: 'pointwise', kernel: 1, stride: 1 },
  ];

  it.each(shapes)('$kind $kernel×$kernel stride $stride computes a convolution', ({ kind, kernel, stride }) => {
    // Odd and even sizes, and channels that no tile divides, so that every remainder is met.
    for (const [size, inputs, filters] of [
      [7, 5, 6],
      [8, 3, 9],
      [1, 4, 4],
    ] as const) {
      const outputs = kind === 'depthwise' ? inputs : filters;
      const output = { size: Math.ceil(size / stride), channels: outputs };
      const layer: Layer = { name: 'x', kind, kernel, stride, input: { size, channels: inputs }, output };
      const random = uniform(size);
      const input: Batch = { frames: 1, size, channels: inputs, data: Float64Array.from({ length: size * size * inputs }, random) };
      const weights = Float64Array.from({ length: elementCount(weightDims(layer)) }, () => random() - 0.5);
      const { before, after } = samePadding(size, kernel, stride);
      const expected = naive(planes(input), { dims: weightDims(layer), data: [...weights] }, undefined, {
        group: kind === 'depthwise' ? inputs : 1,
        stride,
        pads: [before, before, after, after],
      });
      const computed = planes(convolve(layer, input, weights));
      expect(computed.dims).toEqual(expected.dims);
      for (const [i, value] of computed.data.entries()) expect(value).toBeCloseTo(expected.data[i]!, 12);
    }
  });

  it('keeps the frames of a batch apart', () => {
    const batch: Batch = { frames: 2, size: 2, channels: 2, data: Float64Array.of(1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60, 7, 70, 8, 80) };
    expect([...averagePool(batch).data]).toEqual([2.5, 25, 6.5, 65]);
  });
});

/** The first frame of a batch as [1, C, H, W]. */
function planes({ size, channels, data }: Batch): Value {
  const out: number[] = [];
  for (let c = 0; c < channels; c++) for (let i = 0; i < size * size; i++) out.push(data[i * channels + c]!);
  return { dims: [1, channels, size, size], data: out };
}
