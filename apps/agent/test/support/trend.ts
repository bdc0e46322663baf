/** @file A straight line through measurements, and how far it is to be trusted. */

export type Trend = { readonly slope: number; readonly error: number };

/**
 * Least squares. @param points x and y
 * @returns slope in y per x, and twice its standard error
 */
export function trendOf(points: readonly (readonly [number, number])[]): Trend {
  const count = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / count;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / count;
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const slope = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
  const rest = points.reduce((sum, [x, y]) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  return { slope, error: 2 * Math.sqrt(rest / Math.max(count - 2, 1) / spread) };
}

/** The lowest y of each `width` of x: what is held, without what waits for the next garbage collection. */
export function floorOf(points: readonly (readonly [number, number])[], width: number): [number, number][] {
  const floors = new Map<number, [number, number]>();
  for (const [x, y] of points) {
    const place = Math.floor(x / width);
    const known = floors.get(place);
    if (known === undefined || y < known[1]) floors.set(place, [x, y]);
  }
  return [...floors.values()];
}
