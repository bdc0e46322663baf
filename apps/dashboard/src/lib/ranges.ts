/** @file The time ranges of history charts, and the windows each is cut into. */

export const ranges = {
  '15m': { label: '15\u00A0m', title: 'Last 15 minutes', ms: 15 * 60_000, bucketMs: 15_000, windows: '15-second windows' },
  '1h': { label: '1\u00A0h', title: 'Last hour', ms: 3_600_000, bucketMs: 30_000, windows: '30-second windows' },
  '6h': { label: '6\u00A0h', title: 'Last 6 hours', ms: 6 * 3_600_000, bucketMs: 120_000, windows: '2-minute windows' },
  '24h': { label: '24\u00A0h', title: 'Last 24 hours', ms: 24 * 3_600_000, bucketMs: 600_000, windows: '10-minute windows' },
  '7d': { label: '7\u00A0d', title: 'Last 7 days', ms: 7 * 24 * 3_600_000, bucketMs: 3_600_000, windows: '1-hour windows' },
} as const;

export type RangeKey = keyof typeof ranges;
export const rangeKeys = Object.keys(ranges) as RangeKey[];
const defaultRange: RangeKey = '15m';

/** @returns the range that the address names; anything else reads as the shortest. */
export function rangeFrom(value: string | string[] | undefined): RangeKey {
  return rangeKeys.find((key) => key === value) ?? defaultRange;
}

/** Distances between axis labels that people read easily, milliseconds. */
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1440, 2880].map((minutes) => minutes * 60_000);

/**
 * Round instants within [from, to] in the viewer's zone.
 * @param offsetMs how far the zone is ahead of UTC, so that days begin at local midnight.
 * @param most largest number of labels that fit.
 */
export function timeTicks(from: number, to: number, offsetMs: number, most: number): number[] {
  const step = steps.find((candidate) => (to - from) / candidate <= most) ?? steps.at(-1)!;
  const first = Math.ceil((from + offsetMs) / step) * step - offsetMs;
  const ticks: number[] = [];
  for (let at = first; at <= to; at += step) ticks.push(at);
  return ticks;
}
