/** @file Frames in another format, held against what the format means. */
import { describe, expect, it } from 'vitest';
import type { FrameFormat } from './frames.ts';
import { commonFormat, Resampler } from './resample.ts';

/** A picture whose red runs from left to right and whose green from top to bottom, as a camera would give it in that format. */
function ramp({ rho, crop }: FrameFormat): Uint8Array {
  const value = (index: number) => 255 * (0.5 + crop * ((index + 0.5) / rho - 0.5));
  const frame = new Uint8Array(rho * rho * 3);
  for (let row = 0; row < rho; row += 1) {
    for (let column = 0; column < rho; column += 1) {
      const at = (row * rho + column) * 3;
      frame[at] = Math.round(value(column));
      frame[at + 1] = Math.round(value(row));
      frame[at + 2] = 77;
    }
  }
  return frame;
}

function resampled(from: FrameFormat, to: FrameFormat, source = ramp(from)): Uint8Array {
  const target = new Uint8Array(to.rho ** 2 * 3);
  new Resampler(from, to).run(source, target);
  return target;
}

const greatestDifference = (a: Uint8Array, b: Uint8Array) => a.reduce((most, byte, at) => Math.max(most, Math.abs(byte - (b[at] ?? 0))), 0);

describe('a frame in another format', () => {
  it.each([
    [
      { rho: 224, crop: 0.875 },
      { rho: 128, crop: 0.875 },
    ],
    [
      { rho: 256, crop: 1 },
      { rho: 224, crop: 0.875 },
    ],
    [
      { rho: 224, crop: 1 },
      { rho: 96, crop: 0.5 },
    ],
    [
      { rho: 192, crop: 0.875 },
      { rho: 191, crop: 0.875 },
    ],
  ])('shows what the camera would have given: %o as %o', (from, to) => {
    // The filter reaches over the edge of the picture: there, and only there, a ramp comes out flatter.
    expect(greatestDifference(resampled(from, to), ramp(to))).toBeLessThanOrEqual(2);
  });

  it('is the very same where nothing differs', () => {
    const format = { rho: 64, crop: 0.875 };
    expect(resampled(format, format)).toEqual(ramp(format));
  });

  it('misses no line between the pixels that it keeps', () => {
    const [from, to] = [
      { rho: 200, crop: 1 },
      { rho: 50, crop: 1 },
    ];
    for (let line = 20; line < 28; line += 1) {
      const source = new Uint8Array(200 * 200 * 3);
      for (let row = 0; row < 200; row += 1) source.fill(255, (row * 200 + line) * 3, (row * 200 + line + 1) * 3);
      const middle = resampled(from, to, source).subarray(25 * 50 * 3, 26 * 50 * 3);
      const red = middle.filter((_, at) => at % 3 === 0).reduce((sum, byte) => sum + byte, 0);
      expect(red).toBeGreaterThan(0.8 * (255 / 4));
      expect(red).toBeLessThan(1.2 * (255 / 4));
    }
  });
});

describe('the format for two variants', () => {
  it('is the finer one where both show the same view', () => {
    expect(commonFormat({ rho: 128, crop: 0.875 }, { rho: 224, crop: 0.875 })).toEqual({ rho: 224, crop: 0.875 });
  });

  it('has the wider view at the finer grain', () => {
    expect(commonFormat({ rho: 224, crop: 0.875 }, { rho: 96, crop: 1 })).toEqual({ rho: 256, crop: 1 });
  });

  it('is the same for the same', () => {
    expect(commonFormat({ rho: 160, crop: 0.875 }, { rho: 160, crop: 0.875 })).toEqual({ rho: 160, crop: 0.875 });
  });
});
