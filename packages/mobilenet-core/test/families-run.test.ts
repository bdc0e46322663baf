/** @file Untrained networks of every family in ONNX Runtime: they compute what their layer lists say, and tell scenes apart. */
import { describe, expect, it } from 'vitest';
import { buildableFamilies, buildVariant, encodeModel, layersOf, publishedAlphas, readVariant } from '../src/index.ts';
import { openOnnxSession } from '../src/runtime/onnxruntime.ts';
import { calibrationFrames } from '../src/zoo/calibration-frames.ts';
import { randomWeights } from '../src/zoo/random-weights.ts';
import { writeNetwork } from '../src/zoo/write-network.ts';
import { runLayers } from './support/run-layers.ts';

const labels = ['sound', 'scratch', 'dent', 'cap missing', 'label askew', 'no part'];
const classes = labels.length;

/** Scenes as bytes, as a camera gives them; others than the weights were calibrated on. */
function scenes(count: number, rho: number): Uint8Array[] {
  const { data } = calibrationFrames(4711, count, rho);
  const each = rho * rho * 3;
  const bytes = Uint8Array.from(data, (value) => Math.round(127.5 * (value + 1)));
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * each, (i + 1) * each));
}

async function answers(file: Uint8Array, rho: number, frames: Uint8Array[]): Promise<number[][]> {
  const session = await openOnnxSession(file, { rho, classes, threads: 1 });
  const given: number[][] = [];
  for (const frame of frames) {
    session.input.set(frame);
    await session.run();
    given.push([...session.output]);
  }
  await session.close();
  return given;
}

const smallest = buildableFamilies.map((family) => ({ family, alpha: Math.min(...publishedAlphas(family)) }));

/** So much work that a smaller ρ must do. */
const large = new Set(['v1-full', 'xception', 'squeezenet']);

describe.each(smallest)('$family at α $alpha', ({ family, alpha }) => {
  // ρ 32 ends on one position, 96 on an odd number of them.
  it.each(large.has(family) ? [32] : [32, 96])('answers as its layers do at ρ %i', async (rho) => {
    const layers = layersOf({ family, alpha, rho, classes });
    const weights = randomWeights(layers, 7);
    const [frame] = scenes(1, rho);
    const [given] = await answers(encodeModel(writeNetwork('network', layers, weights).finish({})), rho, [frame!]);
    const expected = runLayers(layers, weights, frame!);
    for (const [label, probability] of given!.entries()) expect(probability).toBeCloseTo(expected[label]!, 3);
  });

  it('gives answers that differ from scene to scene, and says what it is', async () => {
    const rho = large.has(family) ? 32 : 64;
    const file = buildVariant({ family, alpha, rho, labels, seed: 3 });
    expect(readVariant(file)).toMatchObject({ family, alpha, rho, weights: 'random', classes });
    const given = await answers(file, rho, scenes(24, rho));
    const winners = new Set(given.map((probabilities) => probabilities.indexOf(Math.max(...probabilities))));
    expect(winners.size).toBeGreaterThanOrEqual(3);
    for (const probabilities of given) expect(probabilities.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 5);
  });
});
