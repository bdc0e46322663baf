/** @file The variant contract: what is written is read back, and what does not follow it is refused in words. */
import { createHash } from 'node:crypto';
import { variantSchema } from '@alpharho/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../graph/builder.ts';
import { encodeModel } from '../graph/encode.ts';
import type { Dim, ElementType } from '../graph/model.ts';
import { largestRho, mostClasses, smallestRho, type VariantMetadata, variantInfoSchema } from './info.ts';
import { readMetadata, writeMetadata } from './metadata.ts';
import { readVariant } from './read.ts';

const info: VariantMetadata = {
  family: 'v2',
  alpha: 0.35,
  rho: 96,
  rhos: [96],
  precision: 'int8',
  weights: 'trained',
  labels: ['no part', 'Flasche "grün"', '部品'],
  preprocessing: { crop: 0.875, resize: 'bilinear' },
  multiplyAdds: 11_000_000,
  parameters: 1_660_000,
  accuracy: { top1: 45.5, top5: 70.4, source: 'tf-slim mobilenet/README.md' },
  provenance: 'a file',
  licence: 'Apache-2.0',
};

interface Face {
  input?: { name?: string; type?: ElementType; dims?: Dim[] };
  output?: { type?: ElementType; dims?: Dim[] };
}

/** A file with this metadata and this face, the contract's unless said otherwise. */
function file(metadata: Record<string, string>, { input, output }: Face = {}): Uint8Array {
  const builder = new GraphBuilder('g');
  const image = builder.input(input?.name ?? 'image', input?.type ?? 'uint8', input?.dims ?? [1, 96, 96, 3]);
  builder.node('Identity', 'id', [image], {}, 'probabilities');
  builder.output('probabilities', output?.type ?? 'float32', output?.dims ?? [1, 3]);
  return encodeModel(builder.finish(metadata));
}

const notVariant = (message: string) => expect.objectContaining({ code: 'model_not_variant', message: expect.stringContaining(message) });

describe('metadata', () => {
  it('is read back as it was written', () => {
    expect(readMetadata(writeMetadata(info))).toEqual(info);
  });

  it('leaves out what is not known', () => {
    const { multiplyAdds, parameters, accuracy, provenance, licence, ...known } = info;
    expect(readMetadata(writeMetadata(known))).toEqual(known);
  });

  it('keeps any labels', () => {
    const label = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(fc.array(label, { minLength: 2, maxLength: 20 }), (labels) => {
        expect(readMetadata(writeMetadata({ ...info, labels })).labels).toEqual(labels);
      }),
    );
  });

  it('lives beside keys of others', () => {
    expect(readMetadata({ ...writeMetadata(info), author: 'someone', 'alpharho.later': 'a key of a later version' })).toEqual(info);
  });

  it('cannot be written wrong', () => {
    expect(() => writeMetadata({ ...info, labels: ['only one'] })).toThrow(expect.objectContaining({ code: 'internal' }));
  });

  it.each<[string, Record<string, string>, string]>([
    ['another version', { 'alpharho.contract': '2' }, 'version 2 of the variant contract, this program reads version 1'],
    ['an unknown family', { 'alpharho.family': 'v7' }, 'alpharho.family: '],
    ['α in words', { 'alpharho.alpha': 'wide' }, 'alpharho.alpha: is not a number'],
    ['α of nothing', { 'alpharho.alpha': '' }, 'alpharho.alpha: is not a number'],
    ['α 0', { 'alpharho.alpha': '0' }, 'alpharho.alpha: '],
    ['ρ beyond any camera', { 'alpharho.rho': '100000' }, 'alpharho.rho: '],
    ['labels that are no JSON', { 'alpharho.labels': '[' }, 'alpharho.labels: is not JSON'],
    ['labels that are no list', { 'alpharho.labels': '{"0": "a"}' }, 'alpharho.labels: '],
    ['labels without end', { 'alpharho.labels': '['.repeat(4_000_000) }, 'alpharho.labels: Too big'],
    ['an accuracy of megabytes', { 'alpharho.accuracy': `{"source": "${'x'.repeat(1_000_000)}"}` }, 'alpharho.accuracy: Too big'],
    ['an empty label', { 'alpharho.labels': '["a", ""]' }, 'alpharho.labels at 1: '],
    ['accuracy above 100', { 'alpharho.accuracy': '{"top1": 101, "source": "x"}' }, 'alpharho.accuracy at top1: '],
  ])('refuses %s', (_, change, message) => {
    expect(() => readMetadata({ ...writeMetadata(info), ...change })).toThrow(notVariant(message));
  });

  it.each(['family', 'alpha', 'rho', 'precision', 'weights', 'labels', 'preprocessing'])(
    'refuses a file that does not say its %s',
    (key) => {
      const { [`alpharho.${key}`]: _, ...rest } = writeMetadata(info);
      expect(() => readMetadata(rest)).toThrow(notVariant(`alpharho.${key}: `));
    },
  );
});

describe('readVariant', () => {
  it('gives metadata and identity', () => {
    const bytes = file(writeMetadata(info));
    const variant = readVariant(bytes);
    expect(variant).toEqual({
      ...info,
      classes: 3,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
    expect(variantInfoSchema.parse(variant)).toEqual(variant);
  });

  it('refuses an ONNX file of somebody else', () => {
    expect(() => readVariant(file({}))).toThrow(notVariant('does not follow the variant contract'));
  });

  it.each<[string, Face, string]>([
    [
      'float input',
      { input: { type: 'float32' } },
      "the file's input is image float32 [1, 96, 96, 3], the variant contract wants image uint8 [1, 96, 96, 3]",
    ],
    ['channels first', { input: { dims: [1, 3, 96, 96] } }, 'wants image uint8 [1, 96, 96, 3]'],
    ['another resolution than it says', { input: { dims: [1, 128, 128, 3] } }, "the file's input is image uint8 [1, 128, 128, 3]"],
    ['an open batch', { input: { dims: ['N', 96, 96, 3] } }, 'image uint8 [N, 96, 96, 3]'],
    ['another name', { input: { name: 'x' } }, "the file's input is x uint8"],
    [
      'more outputs than labels',
      { output: { dims: [1, 4] } },
      "the file's output is probabilities float32 [1, 4], the variant contract wants probabilities float32 [1, 3]",
    ],
    ['quantized output', { output: { type: 'uint8' } }, 'probabilities uint8 [1, 3]'],
  ])('refuses %s', (_, face, message) => {
    expect(() => readVariant(file(writeMetadata(info), face))).toThrow(notVariant(message));
  });

  it('tells a damaged file from a foreign one', () => {
    const bytes = file(writeMetadata(info));
    expect(() => readVariant(bytes.subarray(0, bytes.length - 1))).toThrow(expect.objectContaining({ code: 'model_corrupt' }));
  });
});

describe('the limits of a variant', () => {
  it('are the ones of the wire', () => {
    const { rho, classes } = variantSchema.shape;
    expect([rho.minValue, rho.maxValue, classes.maxValue]).toEqual([smallestRho, largestRho, mostClasses]);
  });
});
