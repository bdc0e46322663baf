import { describe, expect, it } from 'vitest';
import { quantile } from './quantile.ts';

describe('a quantile', () => {
  it('is the value that so many are at or below, in whatever order they come', () => {
    const values = [10, 9, 8, 7, 6, 5, 4, 3, 2, 100];
    expect([0, 0.1, 0.5, 0.9, 0.95, 1].map((share) => quantile(values, share))).toEqual([2, 2, 6, 10, 100, 100]);
  });

  it('of nothing is no number', () => {
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('leaves the values as they are', () => {
    const values = [3, 1, 2];
    quantile(values, 0.5);
    expect(values).toEqual([3, 1, 2]);
  });
});
