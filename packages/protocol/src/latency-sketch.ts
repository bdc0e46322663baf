/**
 * @file Mergeable latency histogram in milliseconds: DDSketch with 1 % relative error (Masson, Rim, Lee 2019, arXiv 1908.10693).
 * Own code, forty lines of it: the keys have fixed ends here, so that no wire value can make it allocate more than a few kilobytes,
 * and @datadog/sketches-js 2.1.1 loses the bin of 1 ms when it merges sketches below it (its store takes the key 0 for "none").
 */
import { z } from 'zod';

/** γ of the paper for a relative error of 0.01: bin i holds the values in (γ^(i−1), γ^i]. */
const gamma = 1.01 / 0.99;
const logGamma = Math.log(gamma);

/** Below this a reading is noise of the clock. */
const smallestMs = 0.001;
/** One hour. Longer is not a latency any more, it is an outage. */
const largestMs = 3_600_000;

/** Adding 0 turns the −0 of values just below 1 ms into 0. */
const keyOf = (ms: number): number => Math.ceil(Math.log(ms) / logGamma) + 0;
const smallestKey = keyOf(smallestMs);
const largestKey = keyOf(largestMs);
/** Nearest value, in relative terms, to both ends of the bin. */
const middleOf = (key: number): number => (2 * gamma ** key) / (1 + gamma);

const readingSchema = z.number().min(0).max(largestMs);

/** A sketch as it travels and as the database keeps it: counts of consecutive logarithmic bins from key `first`. */
export const sketchSchema = z
  .object({
    sum: z.number().min(0).max(Number.MAX_SAFE_INTEGER).describe('Sum of all readings'),
    min: readingSchema.describe('Smallest reading'),
    max: readingSchema.describe('Largest reading'),
    first: z.number().int().min(smallestKey).max(largestKey).describe('Key of the first bin; 0 in an empty sketch'),
    bins: z
      .array(z.number().int().min(0).max(Number.MAX_SAFE_INTEGER))
      .max(largestKey - smallestKey + 1)
      .describe('Counts of the bins with the keys first, first + 1, …; none in an empty sketch'),
  })
  .refine((sketch) => sketch.min <= sketch.max, { path: ['min'], message: 'expected no more than max' })
  .refine((sketch) => sketch.first + sketch.bins.length - 1 <= largestKey, {
    path: ['bins'],
    message: `expected none above key ${largestKey} (one hour)`,
  })
  .describe(
    'Latencies in milliseconds as a DDSketch of relative error 0.01. The bin of key k counts the values v with ' +
      'k = ceil(ln v / ln(1.01/0.99)); shorter than 0.001 ms counts as 0.001 ms, longer than an hour as an hour.',
  );
export type Sketch = z.infer<typeof sketchSchema>;

/** Records latencies and answers quantiles; two sketches merge exactly, so windows, devices and variants add up. */
export class LatencySketch {
  private first = 0;
  private bins: number[] = [];
  private total = 0;
  private sum = 0;
  private lowest = Number.POSITIVE_INFINITY;
  private highest = Number.NEGATIVE_INFINITY;

  /** @param ms milliseconds, taken as at least 0.001 and at most an hour; anything that is not a finite number is left out. */
  record(ms: number): void {
    if (!Number.isFinite(ms)) return;
    const value = Math.min(Math.max(ms, smallestMs), largestMs);
    this.addToBin(keyOf(value), 1);
    this.widen(value, value, value);
  }

  get count(): number {
    return this.total;
  }

  /** Mean in milliseconds; undefined where nothing was recorded. */
  get mean(): number | undefined {
    return this.total === 0 ? undefined : this.sum / this.total;
  }

  get max(): number | undefined {
    return this.total === 0 ? undefined : this.highest;
  }

  /**
   * @param q 0 to 1.
   * @returns milliseconds, within 1 % of the reading of rank floor(q · (count − 1)) among the sorted ones, exact at both ends; undefined where nothing was recorded.
   */
  quantile(q: number): number | undefined {
    if (this.total === 0) return undefined;
    const rank = Math.floor(q * (this.total - 1));
    if (rank <= 0) return this.lowest;
    if (rank >= this.total - 1) return this.highest;
    let index = 0;
    let seen = this.bins[0] ?? 0;
    while (seen <= rank && index < this.bins.length - 1) {
      index += 1;
      seen += this.bins[index] ?? 0;
    }
    // The bin's middle may lie beyond the true extremes.
    return Math.min(Math.max(middleOf(this.first + index), this.lowest), this.highest);
  }

  /** How many readings were at most this long; those within 1 % of it may be counted on either side. */
  countUpTo(ms: number): number {
    const last = Math.floor(Math.log(ms) / logGamma) - this.first;
    let count = 0;
    for (let index = 0; index <= last && index < this.bins.length; index += 1) count += this.bins[index] ?? 0;
    return count;
  }

  /** Afterwards this sketch is what it would be had it recorded the other's readings too. */
  merge(other: LatencySketch): void {
    for (const [index, weight] of other.bins.entries()) this.addToBin(other.first + index, weight);
    this.widen(other.sum, other.lowest, other.highest);
  }

  toWire(): Sketch {
    if (this.total === 0) return { sum: 0, min: 0, max: 0, first: 0, bins: [] };
    return { sum: this.sum, min: this.lowest, max: this.highest, first: this.first, bins: [...this.bins] };
  }

  /** @param wire a value that {@link sketchSchema} has let through. */
  static fromWire(wire: Sketch): LatencySketch {
    const result = new LatencySketch();
    for (const [index, weight] of wire.bins.entries()) result.addToBin(wire.first + index, weight);
    if (result.total > 0) result.widen(wire.sum, wire.min, wire.max);
    return result;
  }

  private addToBin(key: number, weight: number): void {
    if (weight === 0) return;
    if (this.bins.length === 0) this.first = key;
    while (key < this.first) {
      this.bins.unshift(0);
      this.first -= 1;
    }
    while (key - this.first >= this.bins.length) this.bins.push(0);
    this.bins[key - this.first] = (this.bins[key - this.first] ?? 0) + weight;
    this.total += weight;
  }

  private widen(sum: number, lowest: number, highest: number): void {
    this.sum += sum;
    this.lowest = Math.min(this.lowest, lowest);
    this.highest = Math.max(this.highest, highest);
  }
}
