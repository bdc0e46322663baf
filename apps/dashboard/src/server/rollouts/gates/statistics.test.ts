import { describe, expect, it } from 'vitest';
import { tailOfOneLook } from './looks.ts';
import { meanFactor, normalTail, studentQuantile, variance } from './statistics.ts';

describe('quantiles of the t distribution', () => {
  // From the tables of the Handbook of Mathematical Functions (Abramowitz, Stegun), 26.10.
  it.each([
    [0.025, 1, 12.706],
    [0.025, 2, 4.303],
    [0.025, 10, 2.228],
    [0.025, 30, 2.042],
    [0.005, 5, 4.032],
    [0.0005, 5, 6.869],
    [0.0005, 120, 3.373],
    [0.025, 1e6, 1.96],
    [0.0005, 1e6, 3.291],
  ])('tail %f, %i degrees: %f', (tail, freedom, expected) => {
    expect(studentQuantile(tail, freedom)).toBeCloseTo(expected, 3);
  });

  it('falls with the degrees of freedom without a jump where the normal distribution takes over', () => {
    const before = studentQuantile(0.0001, 9999);
    const after = studentQuantile(0.0001, 10_001);
    expect(before).toBeGreaterThan(after);
    expect(before - after).toBeLessThan(0.005);
  });
});

it('the tail of the normal distribution', () => {
  expect(normalTail(1.959964)).toBeCloseTo(0.025, 7);
  expect(normalTail(3.290527)).toBeCloseTo(0.0005, 9);
});

it('the mean of correlated values is worth less than that of as many independent ones', () => {
  expect(meanFactor(10, 0)).toBeCloseTo(0.1, 12);
  expect(meanFactor(1, 0.7)).toBe(1);
  // Of the variance of (x₁ + x₂)/2: (1 + r)/2.
  expect(meanFactor(2, 0.5)).toBeCloseTo(0.75, 12);
  expect(meanFactor(1000, 0.5)).toBeCloseTo(3 / 1000, 4);
});

it('the variance of a sample', () => {
  expect(variance([1, 2, 3, 4])).toBeCloseTo(5 / 3, 12);
  expect(variance([7])).toBe(0);
});

/** Seeded, so that the figure is the same each time. */
function normalNumbers(seed: number): () => number {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

it('looking each minute for four hours at a quarter of an hour crosses the bound in about 5 % of histories, not in most', () => {
  const window = 15;
  const bound = studentQuantile(tailOfOneLook(window * 60_000), 1e6);
  const next = normalNumbers(20);
  const histories = 2000;
  let crossed = 0;
  let naive = 0;
  for (let history = 0; history < histories; history += 1) {
    const values: number[] = [];
    let highest = 0;
    for (let minute = 0; minute < 240; minute += 1) {
      values.push(next());
      const seen = values.slice(-window);
      if (seen.length < 4) continue;
      highest = Math.max(highest, Math.abs(seen.reduce((a, b) => a + b, 0)) / Math.sqrt(seen.length));
    }
    if (highest > bound) crossed += 1;
    if (highest > 1.96) naive += 1;
  }
  expect(crossed / histories).toBeLessThanOrEqual(0.05);
  expect(crossed / histories).toBeGreaterThan(0.005);
  expect(naive / histories).toBeGreaterThan(0.6);
});
