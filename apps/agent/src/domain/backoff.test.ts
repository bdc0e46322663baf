import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomOf } from '../../test/support/random.ts';
import { backoffMs } from './backoff.ts';

const policy = { baseMs: 1000, maxMs: 30_000 };

describe('back-off', () => {
  it('doubles up to the cap', () => {
    const longest = [1, 2, 3, 4, 5, 6, 7].map((attempt) => backoffMs(policy, attempt, () => 1));
    expect(longest).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  it('never waits less than half, never more than the cap, however often it failed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, random) => {
        const wait = backoffMs(policy, attempt, () => random);
        expect(wait).toBeGreaterThanOrEqual(500);
        expect(wait).toBeLessThanOrEqual(30_000);
      }),
    );
  });

  it('brings a fleet back spread over the wait, not in one instant', () => {
    const waits = Array.from({ length: 100 }, (_, seed) => backoffMs({ baseMs: 1000, maxMs: 15_000 }, 1, randomOf(seed)));
    const tenths = Array.from({ length: 10 }, (_, index) => waits.filter((wait) => Math.floor((wait - 500) / 50) === index).length);
    expect(tenths.reduce((sum, count) => sum + count, 0)).toBe(100);
    expect(Math.max(...tenths)).toBeLessThan(25);
    expect(Math.min(...tenths)).toBeGreaterThan(0);
  });
});
