/** @file Shares of frames with an interval, where frames are not independent. Pure. */
import { studentQuantile, variance } from './statistics.ts';

/** One block, or one device: so many of n. */
export type Count = { hits: number; n: number };

/**
 * How many frames count for one independent one: the spread of the groups' shares against what independent frames would give, at least 1
 * (Korn, Graubard: Confidence intervals for proportions with small expected number of positive counts. Survey Methodology 24 (1998)).
 */
export function designEffect(groups: readonly Count[]): number {
  const used = groups.filter(({ n }) => n > 0);
  const total = used.reduce((sum, { n }) => sum + n, 0);
  const share = used.reduce((sum, { hits }) => sum + hits, 0) / total;
  if (used.length < 2 || !(share > 0) || share >= 1) return 1;
  const squares = used.reduce((sum, { hits, n }) => sum + (hits - n * share) ** 2 / (n * share * (1 - share)), 0);
  return Math.max(1, squares / (used.length - 1));
}

/** Above this many degrees of freedom Student's distribution is the normal one. */
const normal = Number.MAX_SAFE_INTEGER;

/**
 * Interval of a share: Wilson's (1927), and where nothing was hit the exact bound, which is nearer.
 * @param n independent draws
 * @param tail chance that one side of the interval may miss
 */
export function shareInterval(share: number, n: number, tail: number): { low: number; high: number } {
  if (share === 0) return { low: 0, high: 1 - tail ** (1 / n) };
  const u = studentQuantile(tail, normal);
  const middle = share + (u * u) / (2 * n);
  const half = u * Math.sqrt((share * (1 - share)) / n + (u * u) / (4 * n * n));
  const whole = 1 + (u * u) / n;
  return { low: Math.max(0, (middle - half) / whole), high: Math.min(1, (middle + half) / whole) };
}

/** Half the width by the spread between devices alone; 0 for fewer than three of them. */
export function halfBetween(shares: readonly number[]): number {
  if (shares.length < 3) return 0;
  return Math.sqrt(variance(shares) / shares.length) * studentQuantile(0.025, shares.length - 1);
}
