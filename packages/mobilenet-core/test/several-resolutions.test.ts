/** @file Variants that serve several resolutions: made of TFLite files, read back, run at each; and files that serve one stay what they were. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  buildVariant,
  createClassifier,
  decodeImage,
  decodeModel,
  encodeModel,
  hasSampleData,
  importTflite,
  inspectModel,
  lineFrames,
  quantizeVariant,
  readVariant,
  recordAccuracy,
  sampleDataFolder,
} from '../src/index.ts';
import { writeTflite } from './support/tflite-writer.ts';
import { testFrame, tinyModel } from './support/tiny-models.ts';

const folder = sampleDataFolder();
const official = (name: string) => readFileSync(join(folder, 'models', `${name}.tflite`));
const refused = (code: string, message: string) => expect.objectContaining({ code, message: expect.stringContaining(message) });

async function answer(file: Uint8Array, rho: number, frame: Uint8Array) {
  const classifier = await createClassifier(file, { rho });
  try {
    return (await classifier.classify(frame, 100)).top;
  } finally {
    await classifier.close();
  }
}

/** A tiny network whose last map is averaged as a whole: it works at any size that its strides divide. */
const tiny = writeTflite(tinyModel('uint8'));

describe('a variant of several resolutions', () => {
  it('is read as what it serves, with its own resolution apart', () => {
    const { file, variant } = importTflite(tiny, { rhos: [64, 32, 128, 64] });
    expect(variant).toMatchObject({ rho: 32, rhos: [128, 64, 32] });
    expect(readVariant(file)).toEqual(variant);
    expect(decodeModel(file).graph.inputs[0]?.dims).toEqual([1, 'rho', 'rho', 3]);
  });

  it('keeps its resolutions where its metadata is written anew', () => {
    const { file } = importTflite(tiny, { rhos: [64, 32] });
    expect(readVariant(recordAccuracy(file, { top1: 50, source: 'a table' }))).toMatchObject({ rhos: [64, 32], accuracy: { top1: 50 } });
  });

  // Where no side is open, the runtime may add up floats in another order.
  it.each([
    ['uint8', 0],
    ['int8', 0],
    ['float32', 1e-7],
  ] as const)('answers at its own resolution as the fixed %s file does', async (type, tolerance) => {
    const bytes = writeTflite(tinyModel(type));
    const [fixed, several] = [importTflite(bytes).file, importTflite(bytes, { rhos: [96, 64, 32] }).file];
    for (const seed of [1, 2, 3]) {
      const frame = testFrame(32, seed);
      const [found, expected] = [await answer(several, 32, frame), await answer(fixed, 32, frame)];
      expect(found.map(({ class: index }) => index)).toEqual(expected.map(({ class: index }) => index));
      for (const [at, { probability }] of found.entries()) {
        expect(Math.abs(probability - (expected[at]?.probability ?? 0))).toBeLessThanOrEqual(tolerance);
      }
    }
  });

  it('takes frames of the resolution that it was opened at, and of no other', async () => {
    const { file } = importTflite(tiny, { rhos: [96, 64, 32] });
    for (const rho of [96, 64, 32]) {
      const top = await answer(file, rho, testFrame(rho));
      expect(top.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 4);
    }
    await expect(answer(file, 64, testFrame(32))).rejects.toEqual(refused('config_invalid', '64 × 64'));
    await expect(answer(file, 128, testFrame(128))).rejects.toEqual(
      refused('config_invalid', 'does not serve ρ 128; it serves 96, 64, 32'),
    );
    const ordinary = importTflite(tiny).file;
    await expect(answer(ordinary, 64, testFrame(64))).rejects.toEqual(refused('config_invalid', 'it serves 32 alone'));
  });

  it('is quantized with its resolutions, calibrated at its own', async () => {
    const { file } = importTflite(writeTflite(tinyModel('float32')), { rhos: [64, 32] });
    const { file: int8, variant } = await quantizeVariant(file, { frames: lineFrames(1, 4, readVariant(file)), floatLayers: 0 });
    expect(variant).toMatchObject({ precision: 'int8', rho: 32, rhos: [64, 32] });
    for (const rho of [64, 32]) {
      const probabilities = async (bytes: Uint8Array) =>
        (await answer(bytes, rho, testFrame(rho))).toSorted((a, b) => a.class - b.class).map(({ probability }) => probability);
      const [found, expected] = [await probabilities(int8), await probabilities(file)];
      for (const [at, probability] of found.entries()) expect(probability).toBeCloseTo(expected[at] ?? 0, 1);
    }
  });

  it('says in its provenance what it serves', () => {
    expect(importTflite(tiny, { rhos: [64, 32] }).variant.provenance).toMatch(/; serves ρ 64, 32, trained at 32$/);
  });

  it('says what it costs at its own resolution', () => {
    const { file, variant } = importTflite(tiny, { rhos: [64, 32] });
    expect(inspectModel(file).cost).toMatchObject({ multiplyAdds: variant.multiplyAdds, uncounted: [] });
    expect(variant.multiplyAdds).toBe(importTflite(tiny).variant.multiplyAdds);
  });

  it.each<[number[], string]>([
    [[64, 128], "lack the file's own, 32"],
    [[32, 33], 'the network does not work at ρ 33: operator 0 (CONV_2D) would have to be padded otherwise than at 32'],
    [[32, 16], 'the resolutions 32,16'],
    [[32, 2048], 'the resolutions 2048,32'],
    [[32.5, 32], 'the resolutions 32.5,32'],
    [Array.from({ length: 40 }, (_, index) => 32 * (index + 1)), 'the resolutions'],
  ])('refuses to serve %j', (rhos, message) => {
    expect(() => importTflite(tiny, { rhos })).toThrow(refused('config_invalid', message));
  });

  it.each<[string, Record<string, string>, (string | number)[], string]>([
    ['open sides without a list', { 'alpharho.resolutions': '[32]' }, [1, 'rho', 'rho', 3], 'wants image uint8 [1, 32, 32, 3]'],
    ['a list without open sides', {}, [1, 32, 32, 3], 'wants image uint8 [1, rho, rho, 3]'],
    ['sides of different names', {}, [1, 'height', 'width', 3], 'wants image uint8 [1, rho, rho, 3]'],
    ['a list without its own ρ', { 'alpharho.resolutions': '[128,64]' }, [1, 'rho', 'rho', 3], 'lack its own, 32'],
    [
      'a list out of order',
      { 'alpharho.resolutions': '[32,64]' },
      [1, 'rho', 'rho', 3],
      'alpharho.resolutions: they go from the largest down',
    ],
    ['no list at all', { 'alpharho.resolutions': '64' }, [1, 'rho', 'rho', 3], 'alpharho.resolutions: '],
  ])('is refused with %s', (_, metadata, dims, message) => {
    const model = decodeModel(importTflite(tiny, { rhos: [64, 32] }).file);
    const inputs = model.graph.inputs.map((input) => ({ ...input, dims }));
    const file = encodeModel({ ...model, graph: { ...model.graph, inputs }, metadata: { ...model.metadata, ...metadata } });
    expect(() => readVariant(file)).toThrow(refused('model_not_variant', message));
  });
});

describe.skipIf(!hasSampleData(folder))('official files at several resolutions', () => {
  const photographs = join(folder, 'images/imagenet');
  const pictures = hasSampleData(folder)
    ? readdirSync(photographs)
        .filter((name) => name.endsWith('.jpg'))
        .slice(0, 12)
    : [];

  it.each([
    ['mobilenet_v1_0_25_224_quant', 224, [224, 192, 160, 128]],
    ['mobilenet_v1_0_25_224_float', 224, [224, 128]],
    ['mobilenet_v1_0_25_128_quant', 128, [224, 128, 96]],
    ['mobilenet_v2_0_75_128_quant', 128, [192, 128]],
    ['mobilenet_v2_1_0_224_quant', 224, [224, 160]],
    ['mobilenet_v2_1_0_224_int8_nchw', 224, [224, 192]],
    ['mobilenet_v3_large_minimalistic_1_0_224_quant', 224, [224, 160]],
    ['person_detect_v1_0.25_96_gray_int8', 96, [128, 96]],
  ])('%s answers at ρ %i as its fixed file does, to the last bit', async (name, own, rhos) => {
    const [fixed, several] = [importTflite(official(name)).file, importTflite(official(name), { rhos }).file];
    const [one, other] = [await createClassifier(fixed), await createClassifier(several)];
    for (const picture of pictures) {
      const frame = await decodeImage(join(photographs, picture), { rho: own, crop: 0.875 });
      expect((await other.classify(frame, 20)).top).toEqual((await one.classify(frame, 20)).top);
    }
    await Promise.all([one.close(), other.close()]);
    for (const rho of rhos) expect(await answer(several, rho, testFrame(rho))).not.toHaveLength(0);
  });
});

describe('files of one resolution', () => {
  const digest = (file: Uint8Array) => createHash('sha256').update(file).digest('hex');

  it('are the same bytes as ever', () => {
    const built = buildVariant({ family: 'v1', alpha: 0.25, rho: 128, labels: ['a', 'b'], seed: 1 });
    expect(digest(built)).toBe('eafb2c68b55fdaed133e59fcbe255ce29578177c964c65f144eb826a1c1bcceb');
    expect(Buffer.compare(importTflite(tiny, { rhos: [32] }).file, importTflite(tiny).file)).toBe(0);
  });

  it.skipIf(!hasSampleData(folder)).each([
    ['mobilenet_v1_0_25_128_quant', '066645e793629c77cb3bfa848bdc9b6a7c45b8fdeaf188bbdbdc6fd01036e04c'],
    ['mobilenet_v1_0_25_224_float', '2ef8dd827a95ff6dbc749b7ea0af6cf0cef1cc28a5fa37257cd1cb612c0a119c'],
    ['mobilenet_v2_0_5_96_quant', '708fdd22fd3d32e491e5eef7bf46bf104deee068ee5b923011b8fd18790f4ccf'],
    ['mobilenet_v2_1_0_224_int8_nchw', '8a77c5d6ac55349f90a72c246287a3dc338a9a9b748c01ba04e40baa33e0976f'],
    ['squeezenet_quant', '7ec35d6d900d551af1d9a5fed67d5642625a9a675125f9b41063211d24923e02'],
  ])('%s converts to the same bytes as ever', (name, expected) => {
    expect(digest(importTflite(official(name)).file)).toBe(expected);
  });
});
