/** @file Mergeable latency histogram in milliseconds: DDSketch with 1 % relative error (Masson, Rim, Lee 2019, arXiv 1908.10693). */
import { DDSketch } from '@datadog/sketches-js';
import { z } from 'zod';

const relativeAccuracy = 0.01;

/** Below this a reading is noise of the clock; it also keeps every value in the sketch's positive store. */
const smallestMs = 0.001;

/** 0.001 ms to 1 hour spans under 1,110 keys at 1 % accuracy: ln(3.6e9) / ln(1.01 / 0.99). */
const maxBins = 1200;
/** Key of {@link smallestMs} less a margin: ln(0.001) / ln(1.01 / 0.99) = −345. */
const smallestKey = -400;

const countSchema = z.number().int().min(0).max(1e9);

/** A sketch as it travels and as the database keeps it: counts of consecutive logarithmic bins from key `first`. */
export const sketchSchema = z
  .object({
    sum: z.number().nonnegative().max(1e15),
    min: z.number().nonnegative().max(1e10),
    max: z.number().nonnegative().max(1e10),
    first: z.number().int().min(smallestKey).max(maxBins),
    bins: z.array(countSchema).max(maxBins),
  })
  .describe('DDSketch, relative accuracy 0.01: bin i counts values v with first + i = ceil(ln v / ln(1.01/0.99)), milliseconds');
export type Sketch = z.infer<typeof sketchSchema>;

/** Records latencies and answers quantiles; two sketches merge exactly, so windows, devices and variants add up. */
export class LatencySketch {
  private readonly sketch = new DDSketch({ relativeAccuracy });

  /** @param ms milliseconds; anything that is not a finite number is left out. */
  record(ms: number): void {
    if (Number.isFinite(ms)) this.sketch.accept(Math.max(ms, smallestMs));
  }

  get count(): number {
    return this.sketch.count;
  }

  /** Mean in milliseconds; undefined where nothing was recorded. */
  get mean(): number | undefined {
    return this.count === 0 ? undefined : this.sketch.sum / this.count;
  }

  get max(): number | undefined {
    return this.count === 0 ? undefined : this.sketch.max;
  }

  /** @param q 0 to 1. @returns milliseconds, within 1 % of the true quantile; undefined where nothing was recorded. */
  quantile(q: number): number | undefined {
    if (this.count === 0) return undefined;
    // The bin's middle may lie beyond the true extremes.
    return Math.min(Math.max(this.sketch.getValueAtQuantile(q), this.sketch.min), this.sketch.max);
  }

  merge(other: LatencySketch): void {
    if (other.count > 0) this.sketch.merge(other.sketch);
  }

  toWire(): Sketch {
    if (this.count === 0) return { sum: 0, min: 0, max: 0, first: 0, bins: [] };
    const { store, sum, min, max } = this.sketch;
    const bins = store.bins.slice(store.minKey - store.offset, store.maxKey - store.offset + 1);
    return { sum, min, max, first: store.minKey, bins };
  }

  static fromWire(wire: Sketch): LatencySketch {
    const result = new LatencySketch();
    const { sketch } = result;
    let count = 0;
    for (const [index, weight] of wire.bins.entries()) {
      if (weight === 0) continue;
      sketch.store.add(wire.first + index, weight);
      count += weight;
    }
    if (count === 0) return result;
    sketch.count = count;
    sketch.sum = wire.sum;
    sketch.min = wire.min;
    sketch.max = wire.max;
    return result;
  }
}
