/** @file Adopted files before ONNX's own checker and its strict shape inference: the added nodes are sound ONNX, not only fit for one runtime. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AdoptOptions, adoptOnnx, encodeModel } from '../src/index.ts';
import { runTrial } from '../src/runtime/onnxruntime.ts';
import { convolutional, inHalves, type ProbeOptions, probe } from './support/foreign-models.ts';
import { hasOnnxChecker, OnnxChecker } from './support/onnx-checker.ts';

const checkable = hasOnnxChecker();
if (!checkable) process.stderr.write("adopt-checker.test.ts: python3-onnx is absent; ONNX's own checker is NOT run on adopted files\n");

describe.skipIf(!checkable)("ONNX's own checker takes", () => {
  let checker: OnnxChecker;
  let folder: string;
  beforeAll(async () => {
    checker = new OnnxChecker();
    await checker.version();
    folder = await mkdtemp(join(tmpdir(), 'mobilenet-adopted-'));
  }, 60_000);
  afterAll(async () => {
    checker.close();
    await rm(folder, { recursive: true, force: true });
  });

  const verdict = async (file: Uint8Array, options: AdoptOptions) => {
    const { file: adopted } = await adoptOnnx(file, { numbered: true, run: runTrial, ...options });
    await writeFile(join(folder, 'adopted.onnx'), adopted);
    return checker.check(join(folder, 'adopted.onnx'));
  };

  it.each<[string, ProbeOptions, AdoptOptions, number]>([
    ['channels first', {}, { normalisation: 'imagenet' }, 6],
    ['channels last, blue first', { layout: 'nhwc' }, { normalisation: 'imagenet', colour: 'bgr' }, 6],
    ['grey, channels last', { layout: 'nhwc', channels: 1 }, { normalisation: 'unit' }, 2],
    ['bytes', { type: 'int8', ending: 'Softmax' }, {}, 6],
    ['open sizes', { dims: ['N', 3, 'H', 'W'] }, { normalisation: 'tf', rho: 32 }, 6],
    ['the middle of the frame', { height: 32, width: 64 }, { normalisation: 'tf', fit: 'crop' }, 6],
    ['log-probabilities, an old opset', { ending: 'LogSoftmax', opset: 9, irVersion: 3 }, { normalisation: 'unit' }, 6],
    ["the contract's own names", { input: 'probabilities', output: 'image' }, { normalisation: 'unit' }, 6],
  ])('%s', async (_, model, options, classes) => {
    expect(await verdict(probe(model), options)).toMatchObject({ shapes: { probabilities: [1, classes] } });
  });

  it('half precision', async () => {
    expect(await verdict(encodeModel(inHalves(convolutional(13))), { normalisation: 'imagenet' })).toMatchObject({
      shapes: { probabilities: [1, 4] },
    });
  });
});
