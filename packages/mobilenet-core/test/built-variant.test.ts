/** @file Built files in ONNX Runtime: they load, answer as the definition says, and tell images apart. */
import { describe, expect, it } from 'vitest';
import { buildVariant, encodeModel, type Layer } from '../src/index.ts';
import { openOnnxSession } from '../src/runtime/onnxruntime.ts';
import { uniform } from '../src/zoo/prng.ts';
import { writeNetwork } from '../src/zoo/write-network.ts';
import { runReference } from './reference-network.ts';

const labels = ['sound', 'scratch', 'dent', 'cap missing', 'label askew', 'no part'];

/** A frame with a bright box upon a dark gradient, somewhere else for each number. */
function frame(rho: number, number: number): Uint8Array {
  const random = uniform(99, number);
  const [left, top, side] = [random() * rho, random() * rho, rho * (0.2 + 0.3 * random())];
  const colour = [random() * 255, random() * 255, random() * 255];
  const pixels = new Uint8Array(rho * rho * 3);
  for (let i = 0; i < pixels.length; i++) {
    const [x, y] = [Math.floor(i / 3) % rho, Math.floor(i / 3 / rho)];
    const inside = x > left && x < left + side && y > top && y < top + side;
    pixels[i] = inside ? colour[i % 3]! : (100 * y) / rho;
  }
  return pixels;
}

async function open(file: Uint8Array, rho: number) {
  const session = await openOnnxSession(file, { rho, classes: labels.length, threads: 1 });
  return {
    close: () => session.close(),
    answer: async (image: Uint8Array): Promise<number[]> => {
      session.input.set(image);
      await session.run();
      return [...session.output];
    },
  };
}

describe('the face of a written network', () => {
  it('normalises bytes to [-1, 1] and keeps red, green and blue apart', async () => {
    const rho = 32;
    const map = { size: rho, channels: 3 };
    const [colour, classes] = [
      { size: 1, channels: 3 },
      { size: 1, channels: labels.length },
    ];
    const layers: Layer[] = [
      { name: 'pool', kind: 'pool', kernel: rho, stride: 1, input: map, output: colour },
      { name: 'fc', kind: 'fc', kernel: 1, stride: 1, input: colour, output: classes },
      { name: 'softmax', kind: 'softmax', kernel: 1, stride: 1, input: classes, output: classes },
    ];
    // Scores: red, green, blue as normalised, and three zeros.
    const fc = { weights: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, ...Array(9).fill(0)), bias: new Float32Array(6) };
    const session = await open(encodeModel(writeNetwork('colours', layers, new Map([['fc', fc]])).finish({})), rho);
    const answer = await session.answer(Uint8Array.from({ length: rho * rho * 3 }, (_, i) => [255, 0, 51][i % 3]!));
    await session.close();
    const scores = [1, -1, -0.6, 0, 0, 0];
    const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
    for (const [index, score] of scores.entries()) expect(answer[index]).toBeCloseTo(Math.exp(score) / total, 6);
  });
});

describe('a built variant in ONNX Runtime', () => {
  // ρ 32 ends on one position, ρ 96 on 3×3 (every kind of edge), ρ 160 on 5×5.
  it.each([
    [0.25, 32],
    [0.25, 96],
    [0.35, 160],
  ])('α %f ρ %i answers as a plain reading of its layers does', async (alpha, rho) => {
    const file = buildVariant({ family: 'v1', alpha, rho, labels, seed: 5 });
    const session = await open(file, rho);
    for (const number of [1, 2]) {
      const image = frame(rho, number);
      const [answer, expected] = [await session.answer(image), runReference(file, image)];
      for (const [index, probability] of answer.entries()) expect(probability).toBeCloseTo(expected[index]!, 4);
    }
    await session.close();
  });

  it.each([
    [0.25, 128, 1],
    [0.25, 128, 2],
    [0.5, 160, 3],
  ])('α %f ρ %i seed %i gives probabilities that differ from image to image', async (alpha, rho, seed) => {
    const session = await open(buildVariant({ family: 'v1', alpha, rho, labels, seed }), rho);
    const winners: number[] = [];
    for (let number = 0; number < 40; number++) {
      const answer = await session.answer(frame(rho, number));
      expect(answer.reduce((sum, probability) => sum + probability, 0)).toBeCloseTo(1, 5);
      expect(Math.min(...answer)).toBeGreaterThan(0);
      winners.push(answer.indexOf(Math.max(...answer)));
    }
    await session.close();
    const counts = labels.map((_, index) => winners.filter((winner) => winner === index).length);
    expect(counts.filter((count) => count > 0).length).toBeGreaterThanOrEqual(3);
    expect(Math.max(...counts)).toBeLessThanOrEqual(30);
  });
});
