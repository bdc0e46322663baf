import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latency } from '../test/arbitraries.ts';
import { LatencySketch, type Sketch, sketchSchema } from './latency-sketch.ts';

const quantiles = [0, 0.01, 0.25, 0.5, 0.75, 0.95, 0.99, 1];

function sketchOf(readings: readonly number[]): LatencySketch {
  const sketch = new LatencySketch();
  for (const reading of readings) sketch.record(reading);
  return sketch;
}

/** Through text, as on the wire and in the database. */
const travelled = (sketch: LatencySketch): LatencySketch =>
  LatencySketch.fromWire(sketchSchema.parse(JSON.parse(JSON.stringify(sketch.toWire()))));

/** Everything a reader can see of it. Sums of floats depend on their order in the last digits. */
function seen(sketch: LatencySketch) {
  const { first, bins, min, max } = sketch.toWire();
  return {
    count: sketch.count,
    mean: sketch.mean?.toPrecision(12),
    first,
    bins,
    min,
    max,
    quantiles: quantiles.map((q) => sketch.quantile(q)),
  };
}

describe('LatencySketch', () => {
  it('counts the readings up to a limit, but for those within 1 % of it', () => {
    fc.assert(
      fc.property(fc.array(latency, { maxLength: 300 }), latency, (readings, limit) => {
        const counted = sketchOf(readings).countUpTo(limit);
        expect(counted).toBeLessThanOrEqual(readings.filter((reading) => reading <= limit * 1.0001).length);
        expect(counted).toBeGreaterThanOrEqual(readings.filter((reading) => reading < limit / 1.021).length);
      }),
    );
  });

  it('answers every quantile within 1 % of the exact one', () => {
    fc.assert(
      fc.property(fc.array(latency, { minLength: 1, maxLength: 300 }), (readings) => {
        const sketch = sketchOf(readings);
        const sorted = readings.toSorted((a, b) => a - b);
        for (const q of quantiles) {
          const exact = sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN;
          const error = Math.abs((sketch.quantile(q) ?? Number.NaN) - exact) / exact;
          expect(error).toBeLessThanOrEqual(0.01 + 1e-9);
        }
      }),
    );
  });

  it('never answers with more than the longest or less than the shortest reading', () => {
    const sketch = sketchOf([10, 10, 10]);
    expect(quantiles.map((q) => sketch.quantile(q))).toEqual(quantiles.map(() => 10));
  });

  it('knows count, mean and maximum exactly', () => {
    const sketch = sketchOf([1, 2, 3, 10]);
    expect([sketch.count, sketch.mean, sketch.max]).toEqual([4, 4, 10]);
  });

  it('says undefined, not zero, where nothing was recorded', () => {
    const empty = new LatencySketch();
    expect([empty.count, empty.mean, empty.max, empty.quantile(0.5)]).toEqual([0, undefined, undefined, undefined]);
    expect(travelled(empty).toWire()).toEqual({ sum: 0, min: 0, max: 0, first: 0, bins: [] });
  });

  it('leaves out what is no number, and takes what is out of range for the nearest end', () => {
    const sketch = sketchOf([Number.NaN, Number.POSITIVE_INFINITY, -5, 0, 1e12]);
    expect(sketch.count).toBe(3);
    expect(sketch.quantile(0)).toBe(0.001);
    expect(sketch.quantile(1)).toBe(3_600_000);
  });

  it('merges to what recording everything would have given', () => {
    const some = fc.array(latency, { maxLength: 60 });
    fc.assert(
      fc.property(some, some, some, (a, b, c) => {
        const merged = sketchOf(a);
        merged.merge(sketchOf(b));
        merged.merge(travelled(sketchOf(c)));
        expect(seen(merged)).toEqual(seen(sketchOf([...a, ...b, ...c])));
      }),
    );
  });

  it('keeps the bin of 1 ms, whose key is 0, when it merges into faster ones', () => {
    const merged = sketchOf([0.3, 0.5]);
    merged.merge(sketchOf([0.3, 1]));
    expect(merged.toWire().bins.reduce((sum, bin) => sum + bin)).toBe(4);
    expect(merged.quantile(1)).toBe(1);
  });

  it('leaves the other sketch as it was, and may be merged with itself', () => {
    const sketch = sketchOf([1, 5]);
    const other = sketchOf([100]);
    sketch.merge(other);
    sketch.record(100);
    expect(seen(other)).toEqual(seen(sketchOf([100])));
    other.merge(other);
    expect(seen(other)).toEqual(seen(sketchOf([100, 100])));
  });

  it('travels without loss', () => {
    fc.assert(
      fc.property(fc.array(latency, { maxLength: 100 }), (readings) => {
        const sketch = sketchOf(readings);
        expect(seen(travelled(sketch))).toEqual(seen(sketch));
      }),
    );
  });

  it('does not share its bins with what it sent', () => {
    const sketch = sketchOf([1]);
    const sent = sketch.toWire();
    sketch.record(1);
    expect(sent.bins).toEqual([1]);
  });
});

describe('sketchSchema', () => {
  const valid: Sketch = { sum: 6, min: 1, max: 3, first: 0, bins: [1, 2] };

  it.each<[string, Partial<Record<keyof Sketch, unknown>>]>([
    ['a negative count', { bins: [-1] }],
    ['half a reading', { bins: [0.5] }],
    ['more bins than there are keys', { first: -345, bins: Array(1102).fill(0) }],
    ['bins beyond an hour', { first: 700, bins: Array(57).fill(1) }],
    ['a first key below a microsecond', { first: -346 }],
    ['a first key that is no integer', { first: 0.5 }],
    ['a minimum above the maximum', { min: 4 }],
    ['a maximum beyond an hour', { max: 3_600_001 }],
    ['a negative sum', { sum: -1 }],
  ])('refuses %s', (_, change) => {
    expect(sketchSchema.safeParse(valid).success).toBe(true);
    expect(sketchSchema.safeParse({ ...valid, ...change }).success).toBe(false);
  });

  it('lets nothing through that the sketch could not hold', () => {
    const hostile = fc.record({
      sum: fc.double({ min: 0, max: Number.MAX_SAFE_INTEGER, noNaN: true }),
      min: fc.double({ min: 0, max: 3_600_000, noNaN: true }),
      max: fc.double({ min: 0, max: 3_600_000, noNaN: true }),
      first: fc.integer({ min: -345, max: 755 }),
      bins: fc.array(fc.oneof(fc.constant(0), fc.maxSafeNat()), { maxLength: 1101, size: 'max' }),
    });
    let accepted = 0;
    fc.assert(
      fc.property(hostile, (wire) => {
        const parsed = sketchSchema.safeParse(wire);
        if (!parsed.success) return;
        accepted += 1;
        const sketch = LatencySketch.fromWire(parsed.data);
        sketch.merge(sketchOf([0.001, 3_600_000]));
        expect(sketch.toWire().bins).toHaveLength(1101);
        for (const q of quantiles) {
          expect(sketch.quantile(q)).toBeGreaterThanOrEqual(0);
          expect(sketch.quantile(q)).toBeLessThanOrEqual(3_600_000);
        }
      }),
      { numRuns: 300 },
    );
    expect(accepted).toBeGreaterThan(20);
  });
});
