/** @file The built-in scene is the same everywhere, shows what it says it shows, and is worth learning from. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { drawInspectionLine, inspectionLineLabels, inspectionLineTruth } from './inspection-line.ts';

const draw = (seed: number, index: number, rho = 96, crop = 1): Uint8Array => {
  const pixels = new Uint8Array(rho * rho * 3);
  drawInspectionLine(seed, index, { rho, crop }, pixels);
  return pixels;
};

const digest = (pixels: Uint8Array): string => createHash('sha256').update(pixels).digest('hex').slice(0, 16);

/** Mean difference of two pictures, in grey levels. */
const difference = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((sum, value, at) => sum + Math.abs(value - (b[at] ?? 0)), 0) / a.length;

describe('the inspection line', () => {
  it('draws the same frame from the same seed, and other frames from other seeds and numbers', () => {
    expect(digest(draw(1, 20))).toBe(digest(draw(1, 20)));
    const others = [draw(2, 20), draw(1, 21), draw(1, 20, 96, 0.875)].map(digest);
    expect(new Set([digest(draw(1, 20)), ...others]).size).toBe(4);
  });

  it('overwrites whatever was in the memory before', () => {
    const dirty = new Uint8Array(96 * 96 * 3).fill(255);
    drawInspectionLine(1, 20, { rho: 96, crop: 1 }, dirty);
    expect(digest(dirty)).toBe(digest(draw(1, 20)));
  });

  it('shows every class about equally often, and an empty belt in between', () => {
    const counts = new Map<string, number>();
    for (let index = 0; index < 60_000; index += 1) {
      const { label } = inspectionLineTruth(3, index);
      counts.set(label, (counts.get(label) ?? 0) + 1);
    }
    for (const label of inspectionLineLabels) {
      const share = (counts.get(label) ?? 0) / 60_000;
      expect(share, label).toBeGreaterThan(label === 'empty belt' ? 0.2 : 0.07);
      expect(share, label).toBeLessThan(label === 'empty belt' ? 0.4 : 0.15);
    }
  });

  it('names the class by its place in the list of labels', () => {
    for (let index = 0; index < 500; index += 1) {
      const truth = inspectionLineTruth(1, index);
      expect(inspectionLineLabels[truth.class]).toBe(truth.label);
    }
  });

  it('draws a part in the middle where it says that there is one, and bare belt where not', () => {
    const bare = frameWith((truth) => truth.label === 'empty belt' && Math.abs(truth.offset) > 0.46);
    const middleOf = (index: number) => middle(draw(1, index));
    for (const label of inspectionLineLabels.filter((name) => name !== 'empty belt')) {
      const index = frameWith((truth) => truth.label === label && Math.abs(truth.offset) < 0.05);
      expect(difference(middleOf(index), middleOf(bare)), label).toBeGreaterThan(20);
    }
    const otherBare = frameWith((truth, at) => at > bare + 40 && truth.label === 'empty belt' && Math.abs(truth.offset) > 0.46);
    expect(difference(middleOf(otherBare), middleOf(bare))).toBeLessThan(12);
  });

  it('moves a part from right to left, frame by frame', () => {
    const start = frameWith((truth, at) => at > 0 && truth.label !== 'empty belt' && truth.offset > 0.3);
    const offsets = Array.from({ length: 15 }, (_, step) => inspectionLineTruth(1, start + step).offset);
    for (const [step, offset] of offsets.slice(1).entries()) expect(offset).toBeLessThan(offsets[step] as number);
  });
});

function frameWith(wanted: (truth: ReturnType<typeof inspectionLineTruth>, index: number) => boolean): number {
  for (let index = 0; index < 100_000; index += 1) if (wanted(inspectionLineTruth(1, index), index)) return index;
  throw new Error('no such frame');
}

/** The middle third of a picture. */
function middle(pixels: Uint8Array): Uint8Array {
  const rows = Array.from({ length: 32 }, (_, row) => pixels.subarray(((row + 32) * 96 + 32) * 3, ((row + 32) * 96 + 64) * 3));
  return Uint8Array.from(rows.flatMap((row) => [...row]));
}
