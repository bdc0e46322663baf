import { LatencySketch, type Sketch } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { randomOf } from '../../../bench/gates/random.ts';
import { p95Interval } from './p95-interval.ts';

function device(seed: number, frames: number, factor = 1): Sketch {
  const { normal } = randomOf(seed);
  const sketch = new LatencySketch();
  for (let frame = 0; frame < frames; frame += 1) sketch.record(20 * factor * Math.exp(0.15 * normal()));
  return sketch.toWire();
}
/** The true one of such a device. */
const truth = 20 * Math.exp(0.15 * 1.645);
const width = (sketches: Sketch[]) => {
  const found = p95Interval(sketches);
  return found === undefined ? Number.NaN : found.high / found.low;
};

describe('the p95 of a variant on a class of hardware', () => {
  it('lies in its interval', () => {
    const inside = Array.from({ length: 100 }, (_, seed) => p95Interval([device(seed, 2000)])).filter(
      (found) => found && found.low <= truth && truth <= found.high,
    );
    expect(inside.length).toBeGreaterThanOrEqual(95);
  });

  it('is surer by more frames, and less sure by devices that differ', () => {
    expect(width([device(1, 10_000)])).toBeLessThan(width([device(1, 500)]));
    const alike = [1, 2, 3, 4].map((seed) => device(seed, 5000));
    const different = [0.7, 0.9, 1.1, 1.3].map((factor, seed) => device(seed, 5000, factor));
    expect(width(different)).toBeGreaterThan(1.2 * width(alike));
  });

  it('of few frames reaches up to the longest of them', () => {
    const sketch = device(3, 30);
    expect(p95Interval([sketch])?.high).toBe(sketch.max);
  });

  it('counts frames and devices, and is not there where nothing was measured', () => {
    expect(p95Interval([device(1, 100), device(2, 50)])).toMatchObject({ frames: 150, devices: 2 });
    expect(p95Interval([])).toBeUndefined();
    expect(p95Interval([new LatencySketch().toWire()])).toBeUndefined();
  });
});
