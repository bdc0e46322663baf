/** @file How fast something grows, told by measurements with outliers among them, and how far that is to be trusted. */

/** In y per x; the true slope lies from `low` to `high` with 95 %. */
export type Trend = { readonly slope: number; readonly low: number; readonly high: number };
export type Point = readonly [x: number, y: number];

/** Theil and Sen: the middle one of the slopes between all pairs, and Sen's interval. A third of the points may be anything. */
export function trendOf(points: readonly Point[]): Trend {
  const slopes = points.flatMap(([x, y], index) => points.slice(index + 1).map(([x2, y2]) => (y2 - y) / (x2 - x)));
  slopes.sort((a, b) => a - b);
  const count = points.length;
  const spread = 1.96 * Math.sqrt((count * (count - 1) * (2 * count + 5)) / 18);
  const at = (place: number): number => slopes[Math.min(Math.max(Math.round(place), 0), slopes.length - 1)] ?? Number.NaN;
  return { slope: at((slopes.length - 1) / 2), low: at((slopes.length - spread) / 2 - 1), high: at((slopes.length + spread) / 2) };
}

/** The lowest y of each `width` of x: what is held, without what waits for the next garbage collection. */
export function floorOf(points: readonly Point[], width: number): Point[] {
  const floors = new Map<number, Point>();
  for (const [x, y] of points) {
    const place = Math.floor(x / width);
    const known = floors.get(place);
    if (known === undefined || y < known[1]) floors.set(place, [x, y]);
  }
  return [...floors.values()];
}
