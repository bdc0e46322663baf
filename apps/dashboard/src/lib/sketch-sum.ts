/** @file Adds up many latency sketches quickly: bins are added in place, and one sketch is built at the end. Exact, as merging is. */
import { LatencySketch, type Sketch } from '@alpharho/protocol';

/** A growing sum of sketches. Keys are the sketch's own logarithmic bins. */
export class SketchSum {
  private readonly bins = new Map<number, number>();
  private total = 0;
  private lowest = Number.POSITIVE_INFINITY;
  private highest = 0;
  count = 0;

  add(sketch: Sketch): void {
    let added = 0;
    for (let index = 0; index < sketch.bins.length; index++) {
      const weight = sketch.bins[index]!;
      if (weight === 0) continue;
      const key = sketch.first + index;
      this.bins.set(key, (this.bins.get(key) ?? 0) + weight);
      added += weight;
    }
    if (added === 0) return;
    this.count += added;
    this.total += sketch.sum;
    this.lowest = Math.min(this.lowest, sketch.min);
    this.highest = Math.max(this.highest, sketch.max);
  }

  toWire(): Sketch {
    if (this.count === 0) return { sum: 0, min: 0, max: 0, first: 0, bins: [] };
    const keys = [...this.bins.keys()];
    const first = Math.min(...keys);
    const bins = new Array<number>(Math.max(...keys) - first + 1).fill(0);
    for (const [key, weight] of this.bins) bins[key - first] = weight;
    return { sum: this.total, min: this.lowest, max: this.highest, first, bins };
  }
}

export type Percentiles = { p50: number; p95: number; p99: number };

/** @returns undefined where nothing was recorded. */
export function percentiles(sketches: readonly Sketch[]): Percentiles | undefined {
  const sum = new SketchSum();
  for (const sketch of sketches) sum.add(sketch);
  if (sum.count === 0) return undefined;
  const merged = LatencySketch.fromWire(sum.toWire());
  return { p50: merged.quantile(0.5)!, p95: merged.quantile(0.95)!, p99: merged.quantile(0.99)! };
}
