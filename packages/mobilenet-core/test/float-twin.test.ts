/** @file Float32 twins beside the quantized variants that they are made of. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasSampleData, sampleDataFolder } from '../src/evaluate/sample-data.ts';
import { buildVariant, createClassifier, decodeImage, decodeModel, importTflite, parseLabelList, readVariant } from '../src/index.ts';
import { lineFrames, remembered } from '../src/quantize/frames.ts';
import { quantizeVariant } from '../src/quantize/quantize.ts';
import { floatTwin } from '../src/twin/float-twin.ts';

const quantizedOps = ['QLinearConv', 'QuantizeLinear', 'DequantizeLinear', 'MatMulInteger'];

/** Over the frames: how far the reference's first class is from where the twin sees it, and how far behind the twin's first class it is. */
async function compare(file: Uint8Array, frames: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
  const [own, twin] = [await createClassifier(file), await createClassifier(file, { twin: true })];
  expect(twin.variant).toEqual(readVariant(file));
  const found = { frames: 0, same: 0, mean: 0, worstTie: 0 };
  for await (const frame of frames) {
    const ours = (await own.classify(frame, own.variant.classes)).top;
    const theirs = (await twin.classify(frame, own.variant.classes)).top;
    const probability = (top: typeof ours, index: number) => top.find((each) => each.class === index)!.probability;
    const [first, other] = [ours[0]!, theirs[0]!];
    found.frames += 1;
    found.same += first.class === other.class ? 1 : 0;
    found.mean += Math.abs(first.probability - probability(theirs, first.class));
    found.worstTie = Math.max(found.worstTie, first.probability - probability(ours, other.class));
  }
  await Promise.all([own.close(), twin.close()]);
  return { ...found, mean: found.mean / found.frames };
}

describe('the float32 twin', () => {
  const float = buildVariant({ family: 'v1', alpha: 0.25, rho: 32, labels: ['a', 'b', 'c', 'd', 'e'], seed: 4 });

  it.each(['qdq', 'qoperator'] as const)('answers like a variant that was quantized here, as %s', async (form) => {
    const frames = remembered(lineFrames(1, 12, readVariant(float)));
    const { file } = await quantizeVariant(float, { frames, form });
    const twin = floatTwin(decodeModel(file))!;
    expect(twin.graph.nodes.map(({ op }) => op).filter((op) => quantizedOps.includes(op))).toEqual([]);
    const pixels: Uint8Array[] = [];
    for await (const frame of frames.frames()) pixels.push(frame.pixels);
    const { mean, worstTie } = await compare(file, pixels);
    expect(mean).toBeLessThan(0.03);
    expect(worstTie).toBeLessThan(0.1);
  });

  it('is nothing for a variant that is float32 already, and asking for one says so', async () => {
    expect(floatTwin(decodeModel(float))).toBeUndefined();
    await expect(createClassifier(float, { twin: true })).rejects.toThrow('no float32 twin');
  });
});

const folder = sampleDataFolder();
const official = hasSampleData(folder)
  ? readdirSync(join(folder, 'models')).filter((name) => /^mobilenet_v.*_quant\.tflite$/.test(name))
  : [];

describe.skipIf(official.length === 0)('the float32 twin of an official file', () => {
  it.each(official)('%s keeps the first class on photographs, but where two are nearly alike', async (name) => {
    const { file } = importTflite(readFileSync(join(folder, 'models', name)));
    const { rho } = readVariant(file);
    const images = join(folder, 'images', 'imagenet');
    const listed = parseLabelList(readFileSync(join(images, 'labels.csv'), 'utf8'), 'labels.csv').filter((_, index) => index % 10 === 0);
    const pixels = await Promise.all(listed.map(({ file: image }) => decodeImage(join(images, image), { rho })));
    const { frames, same, mean, worstTie } = await compare(file, pixels);
    // MobileNetV3's hard swishes leave a wide range that 8 bits round coarsely: its twin is the more exact of the two, and further away.
    const wide = name.includes('v3');
    expect(mean).toBeLessThan(wide ? 0.15 : 0.04);
    if (!wide) expect(worstTie).toBeLessThan(0.15);
    expect(same / frames).toBeGreaterThan(0.8);
  });
});
