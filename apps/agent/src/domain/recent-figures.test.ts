import { describe, expect, it } from 'vitest';
import { RecentFigures } from './recent-figures.ts';

/** Results evenly spread over a time, each as long as `ms` says. */
function fill(figures: RecentFigures, from: number, to: number, every: number, ms: (index: number) => number): void {
  for (let at = from, index = 0; at < to; at += every, index += 1) {
    figures.arrived(at);
    figures.answered(at, ms(index) + 1, ms(index));
  }
}

describe('the figures of the last seconds', () => {
  it('tell percentiles, means and rates', () => {
    const figures = new RecentFigures(0);
    fill(figures, 0, 10_000, 50, (index) => (index % 10 === 0 ? 40 : 10));
    expect(figures.look(10_000)).toMatchObject({
      results: 100,
      p95: 41,
      brisk: 11,
      service: { p95: 40, mean: 13 },
      offered: 20,
      answered: 20,
    });
  });

  it('see a sudden change within two seconds, and not a few late results', () => {
    const figures = new RecentFigures(0);
    fill(figures, 0, 10_000, 50, () => 10);
    fill(figures, 10_000, 10_250, 50, () => 90);
    expect(figures.look(10_250)?.brisk).toBe(11);
    fill(figures, 10_250, 10_500, 50, () => 90);
    expect(figures.look(10_500)?.brisk).toBe(91);
    expect(figures.look(10_500)?.recent).toBeCloseTo((10 * 90 + 30 * 10) / 40, 0);
  });

  it('see by the long look what a small excess is', () => {
    const figures = new RecentFigures(0);
    fill(figures, 0, 20_000, 50, (index) => (index % 12 === 0 ? 90 : 10));
    expect(figures.look(20_000)).toMatchObject({ brisk: 11, lasting: 91 });
  });

  it('reach back until there are enough results, and no further than a minute', () => {
    const figures = new RecentFigures(0);
    fill(figures, 0, 100_000, 1000, () => 10);
    expect(figures.look(100_000)).toMatchObject({ results: 20, answered: 1, offered: 1 });
    expect(figures.look(150_000)?.results).toBe(10);
    expect(figures.look(200_000)).toBeUndefined();
  });

  it('begin anew with another step', () => {
    const figures = new RecentFigures(0);
    fill(figures, 0, 10_000, 50, () => 90);
    figures.restart(10_000);
    expect(figures.look(10_000)).toBeUndefined();
    fill(figures, 10_000, 11_000, 100, () => 10);
    expect(figures.look(11_000)).toMatchObject({ results: 10, p95: 11, answered: 10 });
  });

  it('count what the camera gives, wanted or not, and forget it where it stops', () => {
    const figures = new RecentFigures(0);
    for (let at = 0; at < 6000; at += 40) figures.arrived(at);
    figures.answered(5990, 5, 4);
    expect(figures.look(6000)?.offered).toBe(25);
    expect(figures.look(20_000)?.offered).toBe(0);
  });
});
