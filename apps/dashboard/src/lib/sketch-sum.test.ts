import { LatencySketch } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { percentiles, SketchSum } from './sketch-sum.ts';

function sketchOf(values: number[]) {
  const sketch = new LatencySketch();
  for (const value of values) sketch.record(value);
  return sketch.toWire();
}

describe('percentiles', () => {
  it('answers for all frames together, which the average of two windows’ p95 does not', () => {
    const busy = Array.from({ length: 990 }, (_, index) => 10 + index / 1000);
    const slow = Array.from({ length: 10 }, () => 100);
    const together = percentiles([sketchOf(busy), sketchOf(slow)]);
    expect(together?.p95).toBeGreaterThan(10);
    expect(together?.p95).toBeLessThan(11.3);
    expect(together?.p99).toBeLessThan(11.3);
    expect(percentiles([sketchOf(slow)])?.p95).toBeCloseTo(100, 0);
  });
  it('is the same as merging one after the other', () => {
    const parts = [sketchOf([0.4, 3, 5]), sketchOf([7, 250]), sketchOf([]), sketchOf([4.2])];
    const merged = new LatencySketch();
    const sum = new SketchSum();
    for (const part of parts) {
      merged.merge(LatencySketch.fromWire(part));
      sum.add(part);
    }
    expect(sum.count).toBe(6);
    expect(LatencySketch.fromWire(sum.toWire()).quantile(0.5)).toBe(merged.quantile(0.5));
    expect(LatencySketch.fromWire(sum.toWire()).quantile(0.99)).toBe(merged.quantile(0.99));
    expect(sum.toWire().sum).toBeCloseTo(269.6);
  });
  it('knows nothing of nothing', () => expect(percentiles([])).toBeUndefined());
});
