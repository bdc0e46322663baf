import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { topIndices } from './top.ts';

describe('topIndices', () => {
  it('is what a stable sort gives: highest first, ties by lower index', () => {
    // Few distinct values, so that ties are everywhere.
    const values = fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 60 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 12 }), (numbers, count) => {
        const sorted = numbers.map((_, index) => index).sort((a, b) => numbers[b]! - numbers[a]! || a - b);
        expect(topIndices(Float32Array.from(numbers), count)).toEqual(sorted.slice(0, count));
      }),
    );
  });

  it('gives all where fewer are there than asked for', () => {
    expect(topIndices([0.2, 0.8], 5)).toEqual([1, 0]);
  });
});
