/** @file The golden answer against what comes out. */
import { describe, expect, it } from 'vitest';
import { goldenFault } from './golden.ts';

const expected = { top: [{ class: 3, probability: 0.7 }, { class: 1, probability: 0.2 }], tolerance: 0.1 }; // biome-ignore format: one line
const answer = (...pairs: [number, number][]) =>
  pairs.map(([index, probability]) => ({ class: index, label: `class ${index}`, probability }));

describe('the golden answer', () => {
  it('allows what processors differ in', () => {
    expect(goldenFault(expected, answer([3, 0.65], [1, 0.25], [0, 0.1]))).toBeUndefined();
  });

  it('allows an order that the tolerance explains', () => {
    const close = { top: [{ class: 3, probability: 0.5 }, { class: 1, probability: 0.45 }], tolerance: 0.1 }; // biome-ignore format: one line
    expect(goldenFault(close, answer([1, 0.5], [3, 0.45]))).toBeUndefined();
  });

  it('says which class is off, by how much', () => {
    expect(goldenFault(expected, answer([1, 0.7], [3, 0.2]))).toBe(
      'to the golden input it gives class 3 a probability of 0.200 here, and 0.700 where it was checked; 0.1 may differ',
    );
  });

  it('sees a class that is missing from the answer, and allows one that may hide behind its end', () => {
    expect(goldenFault(expected, answer([7, 0.9], [8, 0.05]))).toContain('class 3 a probability of at most 0.050');
    expect(goldenFault({ top: [{ class: 9, probability: 0.04 }], tolerance: 0.01 }, answer([7, 0.9], [8, 0.05]))).toBeUndefined();
  });
});
