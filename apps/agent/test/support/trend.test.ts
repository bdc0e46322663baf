import { describe, expect, it } from 'vitest';
import { randomOf } from './random.ts';
import { floorOf, type Point, trendOf } from './trend.ts';

const random = randomOf(1);
/** Half an hour, a point a minute, with a spread of one. */
const line = (slope: number, outliers = 0): Point[] =>
  Array.from({ length: 30 }, (_, minute) => [minute / 60, slope * (minute / 60) + random() + (minute % 30 < outliers ? 50 : 0)]);

describe('a trend', () => {
  it('has the true slope in its interval, most times', () => {
    for (const slope of [0, 5, -5]) {
      const found = Array.from({ length: 200 }, () => trendOf(line(slope)));
      expect(found.filter(({ low, high }) => low <= slope && slope <= high).length).toBeGreaterThan(180);
      expect(found.filter(({ low, slope: middle, high }) => low <= middle && middle <= high)).toHaveLength(200);
    }
  });

  it('is not moved by a few outliers', () => {
    const { slope, low, high } = trendOf(line(20, 3));
    expect(Math.abs(slope - 20)).toBeLessThan(6);
    expect([low < 20, high > 0]).toEqual([true, true]);
  });
});

it('a floor is the lowest of each stretch, where it was', () => {
  expect(
    floorOf(
      [
        [0, 5],
        [1, 3],
        [2, 4],
        [10, 7],
        [11, 8],
      ],
      10,
    ),
  ).toEqual([
    [1, 3],
    [10, 7],
  ]);
});
