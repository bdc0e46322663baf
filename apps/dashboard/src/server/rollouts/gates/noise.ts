/** @file How much a device's values change from block to block by themselves, and how long such a change lasts. Pure. */
import { mean, meanFactor, variance, variancesWorth } from './statistics.ts';

/** Values of successive blocks; blocks are missing where there was nothing to compare. */
export type Values = ReadonlyMap<number, number>;

export type Noise = {
  /** Between one block and the next, of all devices of the class together. */
  correlation: number;
  /** Of a single block. */
  pooled: number;
};

/** Beyond it the correction has no end. */
const highestCorrelation = 0.95;

/** @param histories each device's values around a level of its own. */
export function noiseOf(histories: readonly Values[]): Noise {
  const centred = histories.filter(({ size }) => size >= 2).map(centre);
  const blocks = centred.reduce((sum, { size }) => sum + size, 0);
  if (blocks === 0) return { correlation: 0, pooled: 0 };
  const correlation = correlationOf(centred, blocks / centred.length);
  const squares = centred.reduce((sum, values) => sum + varianceOf(values, correlation) * values.size, 0);
  return { correlation, pooled: squares / blocks };
}

/** The sample's variance misses what all its correlated values have in common; that is added. */
function varianceOf(values: Values, correlation: number): number {
  const n = values.size;
  if (n < 2) return 0;
  const common = (n * meanFactor(n, correlation) - 1) / (n - 1);
  return variance([...values.values()]) / Math.max(1 - common, 0.05);
}

/** Degrees of freedom of the variances of these histories together. */
export function freedomOf(histories: readonly Values[], correlation: number): number {
  return Math.max(
    1,
    histories.reduce((sum, { size }) => sum + Math.max(0, variancesWorth(size, correlation) - 1), 0),
  );
}

/** Lag-1, raised by what a sample of n loses on average (Marriott, Pope: Bias in the estimation of autocorrelations. Biometrika 41 (1954)). */
function correlationOf(centred: readonly Values[], n: number): number {
  let products = 0;
  let pairs = 0;
  let squares = 0;
  let count = 0;
  for (const values of centred) {
    for (const [block, value] of values) {
      squares += value * value;
      count += 1;
      const next = values.get(block + 1);
      if (next === undefined) continue;
      products += value * next;
      pairs += 1;
    }
  }
  if (pairs === 0 || squares === 0) return 0;
  const raw = products / pairs / (squares / count);
  return Math.min(Math.max(raw + (1 + 3 * raw) / n, 0), highestCorrelation);
}

export function centre(values: Values): Values {
  const level = mean([...values.values()]);
  return new Map([...values].map(([block, value]) => [block, value - level]));
}
