/** @file The built-in scene is the same everywhere, shows what it says it shows, and is worth learning from. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { View } from '../image/view.ts';
import {
  drawInspectionLine,
  drawInspectionSample,
  inspectionLineLabels,
  inspectionLineTruth,
  inspectionSampleTruth,
} from './inspection-line.ts';

const draw = (seed: number, index: number, rho = 96, crop = 1): Uint8Array => {
  const pixels = new Uint8Array(rho * rho * 3);
  drawInspectionLine(seed, index, { rho, crop }, pixels);
  return pixels;
};

const sample = (seed: number, index: number, rho = 96): Uint8Array => {
  const pixels = new Uint8Array(rho * rho * 3);
  drawInspectionSample(seed, index, { rho, crop: 1 }, pixels);
  return pixels;
};

const digest = (pixels: Uint8Array): string => createHash('sha256').update(pixels).digest('hex').slice(0, 16);

/** Mean difference of two pictures, in grey levels. */
const difference = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((sum, value, at) => sum + Math.abs(value - (b[at] ?? 0)), 0) / a.length;

describe('the inspection line', () => {
  it('draws the frames that the committed weights were trained on', () => {
    const frames = [draw(1, 20, 224), draw(5, 1234), sample(1, 1, 224), sample(1, 6, 160)];
    expect(frames.map(digest)).toEqual(DIGESTS);
  });

  it('draws other frames from other seeds, numbers and crops', () => {
    const pictures = [draw(1, 20), draw(2, 20), draw(1, 21), draw(1, 20, 96, 0.875), sample(1, 20), sample(1, 21)];
    expect(new Set(pictures.map(digest)).size).toBe(pictures.length);
  });

  it('draws a frame alike whatever was drawn before', () => {
    const first = digest(draw(1, 20));
    for (let place = 0; place < 12; place += 1) draw(3, place * 40);
    expect(digest(draw(1, 20))).toBe(first);
  });

  it('overwrites whatever was in the memory before', () => {
    const dirty = new Uint8Array(96 * 96 * 3).fill(255);
    drawInspectionLine(1, 20, { rho: 96, crop: 1 }, dirty);
    expect(digest(dirty)).toBe(digest(draw(1, 20)));
  });

  it('makes a smaller picture by averaging the areas of the larger one', () => {
    const [large, small] = [draw(4, 7, 224), draw(4, 7, 112)];
    for (const [row, column] of [
      [3, 5],
      [56, 56],
      [111, 90],
    ] as const) {
      const at = (r: number, c: number): number => large[(r * 224 + c) * 3 + 1] as number;
      const mean =
        (at(2 * row, 2 * column) + at(2 * row + 1, 2 * column) + at(2 * row, 2 * column + 1) + at(2 * row + 1, 2 * column + 1)) / 4;
      expect(small[(row * 112 + column) * 3 + 1]).toBe(Math.floor(mean + 0.5));
    }
  });

  it('shows every class about equally often, and an empty belt in between', () => {
    const counts = new Map<string, number>();
    for (let index = 0; index < 60_000; index += 1) {
      const { label } = inspectionLineTruth(3, index);
      counts.set(label, (counts.get(label) ?? 0) + 1);
    }
    for (const label of inspectionLineLabels) {
      const share = (counts.get(label) ?? 0) / 60_000;
      expect(share, label).toBeGreaterThan(label === 'empty belt' ? 0.15 : 0.08);
      expect(share, label).toBeLessThan(label === 'empty belt' ? 0.3 : 0.16);
    }
  });

  it('names the class by its place in the list of labels, and the size of what is wrong', () => {
    for (let index = 0; index < 2000; index += 20) {
      const truth = inspectionLineTruth(1, index);
      expect(inspectionLineLabels[truth.class]).toBe(truth.label);
      expect(truth.defectSize > 0).toBe(!['good', 'label missing', 'empty belt'].includes(truth.label));
      expect(truth.defectScale).toBeGreaterThanOrEqual(0);
      expect(truth.defectScale).toBeLessThanOrEqual(1);
    }
  });

  it('draws a product in the middle where it says that there is one, and bare belt where not', () => {
    const middleOf = (index: number): Uint8Array => middle(draw(1, index));
    const bare = middleOf(frameWith((truth) => truth.label === 'empty belt' && truth.offset === 0));
    for (const label of inspectionLineLabels.filter((name) => name !== 'empty belt')) {
      const index = frameWith((truth) => truth.label === label && truth.offset === 0);
      expect(difference(middleOf(index), bare), label).toBeGreaterThan(15);
    }
    const other = frameWith((truth, at) => at > 400 && truth.label === 'empty belt' && truth.offset === 0);
    expect(difference(middleOf(other), bare)).toBeLessThan(12);
  });

  it('moves a product from right to left, frame by frame, with no answer while it is cut by the edge', () => {
    for (let index = 1; index < 400; index += 1) {
      const [before, now] = [inspectionLineTruth(1, index - 1), inspectionLineTruth(1, index)];
      // Only a new place comes in from the right.
      expect(now.offset < before.offset || before.offset < 0).toBe(true);
      if (now.label !== 'empty belt') expect(Math.abs(now.offset)).toBeLessThan(0.1);
      if (now.label !== before.label) expect([now.label, before.label]).toContain('empty belt');
    }
  });

  it('shows in the picture what its answer depends on', () => {
    for (let index = 0; index < 4000; index += 1) {
      for (const spot of [inspectionSampleTruth(7, index).decisive, inspectionLineTruth(7, index).decisive]) {
        if (spot === undefined) continue;
        const { x, y, radius } = spot;
        expect(Math.min(x, y, 224 - x, 224 - y), String(index)).toBeGreaterThan(radius / 2);
      }
    }
  });

  it('changes the picture where it says that the defect is', () => {
    for (const scratched of [1, 9, 17]) {
      const { decisive } = inspectionSampleTruth(6, scratched);
      const { x, y } = decisive as NonNullable<typeof decisive>;
      const pixels = sample(6, scratched, 224);
      const grey = (row: number, column: number): number => pixels[(Math.round(row) * 224 + Math.round(column)) * 3 + 1] as number;
      const around = Array.from({ length: 49 }, (_, at) => grey(y - 3 + Math.floor(at / 7), x - 3 + (at % 7)));
      expect(Math.max(...around) - Math.min(...around)).toBeGreaterThan(30);
    }
  });

  it('is seen turned, mirrored and in part as an operator asks', () => {
    const upright = draw(3, 12, 112);
    const seen = (view: View, rho = 112) => {
      const pixels = new Uint8Array(rho * rho * 3);
      drawInspectionLine(3, 12, { rho, crop: 1, view }, pixels);
      return pixels;
    };
    const pixel = (pixels: Uint8Array, x: number, y: number, side = 112) => [
      ...pixels.subarray((y * side + x) * 3, (y * side + x) * 3 + 3),
    ];
    for (const [x, y] of [
      [5, 9],
      [80, 30],
    ] as const) {
      expect(pixel(seen({ mirror: true }), 111 - x, y)).toEqual(pixel(upright, x, y));
      expect(pixel(seen({ rotate: 90 }), 111 - y, x)).toEqual(pixel(upright, x, y));
      expect(pixel(seen({ roi: { x: 0.5, y: 0, width: 0.5, height: 0.5 } }, 56), x >> 1, y, 56)).toEqual(pixel(upright, 56 + (x >> 1), y));
    }
  });

  it('has samples that take turns through the classes', () => {
    for (let index = 0; index < 64; index += 1) expect(inspectionSampleTruth(9, index).class).toBe(index % 8);
  });

  it('draws the smallest of each kind of defect', () => {
    const smallest = Array.from({ length: 4000 }, (_, index) => index).filter((index) => {
      const truth = inspectionSampleTruth(2, index);
      return truth.defectSize > 0 && truth.defectScale < 0.1;
    });
    expect(new Set(smallest.map((index) => index % 8)).size).toBe(5);
  });
});

const DIGESTS = ['bd33956b96300971', 'fd14288f37c1b139', '91bb37d5fb3543fc', '7222e25942649fe4'];

function frameWith(wanted: (truth: ReturnType<typeof inspectionLineTruth>, index: number) => boolean): number {
  for (let index = 0; index < 100_000; index += 1) if (wanted(inspectionLineTruth(1, index), index)) return index;
  throw new Error('no such frame');
}

/** The middle third of a picture. */
function middle(pixels: Uint8Array): Uint8Array {
  const rows = Array.from({ length: 32 }, (_, row) => pixels.subarray(((row + 32) * 96 + 32) * 3, ((row + 32) * 96 + 64) * 3));
  return Uint8Array.from(rows.flatMap((row) => [...row]));
}
