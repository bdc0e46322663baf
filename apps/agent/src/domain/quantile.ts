/** @file A quantile of a handful of figures. Latencies over windows and devices are LatencySketch's. */

/** Nearest rank. @param share 0.95: the 95th percentile. @returns NaN where there are none */
export function quantile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)] ?? Number.NaN;
}
