import { LatencySketch } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { type ChartCell, deviceChart, latencyDomain, latencyReading, spaced } from './chart-model.ts';

const minute = 60_000;
const span = { from: 0, to: 15 * minute };

function cell(start: number, end: number, ms: number[], variantId = 'a'): ChartCell {
  const sketch = new LatencySketch();
  for (const value of ms) sketch.record(value);
  const stages = { inference: { sum: ms.length * 3, count: ms.length }, preprocess: { sum: ms.length, count: ms.length } };
  return {
    variantId,
    start,
    end,
    captured: ms.length,
    classified: ms.length,
    dropped: 0,
    throttled: false,
    total: sketch.toWire(),
    stages,
  };
}

describe('deviceChart', () => {
  it('draws one stretch while windows follow each other', () => {
    const chart = deviceChart(
      [cell(0, minute, [4, 5]), cell(minute, 2 * minute, [4, 5]), cell(2 * minute, 15 * minute - 9000, [4, 5])],
      span,
    );
    expect(chart.segments).toEqual([{ first: 0, last: 2 }]);
    expect(chart.gaps).toEqual([]);
    expect(chart.points[0]?.stages).toEqual({ inference: 3, preprocess: 1 });
  });
  it('breaks the line where frames are missing, and at the end where they should be', () => {
    const chart = deviceChart([cell(0, minute, [4]), cell(3 * minute, 4 * minute, [4])], span);
    expect(chart.segments).toHaveLength(2);
    expect(chart.gaps).toEqual([
      { from: minute, to: 3 * minute },
      { from: 4 * minute, to: 15 * minute },
    ]);
  });
  it('marks the time in which the board was throttled, with or without frames, within what is shown', () => {
    const hot = (start: number, end: number, ms: number[]) => ({ ...cell(start, end, ms), throttled: true });
    const chart = deviceChart(
      [hot(-minute, minute, [4]), hot(minute, 2 * minute, []), cell(2 * minute, 9 * minute, [4]), hot(9 * minute, 10 * minute, [4])],
      span,
    );
    expect(chart.throttled).toEqual([
      { from: 0, to: 2 * minute },
      { from: 9 * minute, to: 10 * minute },
    ]);
    expect(latencyReading(chart, 'Last 15 minutes', String)).toContain('throttled for 3\u00A0m in all');
  });
  it('takes windows without a frame for a gap', () => {
    const chart = deviceChart([cell(0, minute, [4]), cell(minute, 3 * minute, []), cell(3 * minute, 15 * minute, [4])], span);
    expect(chart.gaps).toEqual([{ from: minute, to: 3 * minute }]);
  });
  it('marks a change of variant where the new one began, without calling it a gap', () => {
    const chart = deviceChart([cell(0, 7 * minute, [9]), cell(7 * minute, 15 * minute, [4], 'b')], span);
    expect(chart.changes).toEqual([{ at: 7 * minute, fromId: 'a', toId: 'b' }]);
    expect(chart.runs.map(({ variantId, from, to }) => [variantId, from, to])).toEqual([
      ['a', 0, 7 * minute],
      ['b', 7 * minute, 15 * minute],
    ]);
    expect(chart.segments).toHaveLength(2);
    expect(chart.gaps).toEqual([]);
  });
  it('cuts what reaches over the axis and leaves out what lies beyond it', () => {
    const chart = deviceChart([cell(-5 * minute, -minute, [4]), cell(-minute, minute, [4]), cell(minute, 15 * minute, [4])], span);
    expect(chart.points.map(({ start }) => start)).toEqual([0, minute]);
  });
});

describe('latencyDomain', () => {
  it('writes a far p99 instead of letting it flatten the rest', () => {
    const many = Array.from({ length: 98 }, () => 5);
    const spiky = deviceChart([cell(0, minute, [...many, 200, 210])], span);
    expect(latencyDomain(spiky.points).max).toBeLessThan(20);
    expect(latencyDomain(spiky.points).beyond).toBeGreaterThan(190);
    const calm = deviceChart([cell(0, minute, [4, 5, 6, 7])], span);
    expect(latencyDomain(calm.points).beyond).toBeNull();
    expect(latencyDomain(calm.points).max).toBeGreaterThan(6);
  });
});

describe('latencyReading', () => {
  it('says range, extremes, changes and gaps in one sentence', () => {
    const chart = deviceChart([cell(0, 7 * minute, [9]), cell(9 * minute, 15 * minute, [4], 'b')], span);
    const text = latencyReading(chart, 'Last 15 minutes', (id) => id.toUpperCase()).replaceAll('\u00A0', ' ');
    expect(text).toBe(
      'Latency over the last 15 minutes: p95 between 4.0 ms and 9.0 ms, now 4.0 ms; p50 now 4.0 ms; 1 variant change, the last from A to B; no frames for 2 m in all.',
    );
    expect(latencyReading(deviceChart([], span), 'Last hour', String)).toBe('Latency: no frames in the last hour.');
  });
});

describe('spaced', () => {
  it('keeps the newest of labels that would touch', () => {
    const items = [{ at: 0 }, { at: minute }, { at: 10 * minute }, { at: 10.5 * minute }];
    expect(spaced(items, span, 0.2).map(({ at }) => at / minute)).toEqual([1, 10.5]);
  });
});
