/** @file The figures of the last few seconds, for the governor: short enough to react upon, long enough to tell a 95th percentile. */
import { quantile } from './quantile.ts';

/** What is looked at, unless fewer than `leastResults` came in it. */
const windowMs = 5000;
const secondMs = 1000;
/** However few they are, results older than this say nothing of now. */
const longestMs = 60_000;
/** Fewer than this many tell no 95th percentile. */
export const leastResults = 20;
/** A sudden change is told by a lower percentile of a shorter time: a handful of late results is no change. */
const brisk = { ms: 2000, share: 0.85 };
/** A small excess takes a longer look. */
const long = { ms: 20_000, share: 0.93, least: 150 };
/** Results that are kept: at more than 100 a second the long look is shorter than it could be. */
const capacity = 2048;

export type Figures = {
  /** Results that the others stand on. */
  readonly results: number;
  /** Captured frame → result, 95th percentile. */
  readonly p95: number;
  /** What clearly too many of the last results exceed, and what a few too many exceed over a longer time: see `brisk` and `long`. */
  readonly brisk: number;
  readonly lasting: number;
  /** Time inside the classifier, 95th percentile and mean. */
  readonly service: { readonly p95: number; readonly mean: number };
  /** Mean time inside the classifier in the shorter time of `brisk`. */
  readonly recent: number;
  /** Frames a second that the camera gives, whether wanted or not. */
  readonly offered: number;
  /** Results a second. */
  readonly answered: number;
};

/** INVARIANT: the latest result lies at `(count - 1) % capacity`; nothing is allocated for a frame. */
export class RecentFigures {
  private readonly at = new Float64Array(capacity);
  private readonly total = new Float64Array(capacity);
  private readonly service = new Float64Array(capacity);
  private count = 0;
  /** Arrivals of the running second and of those before it. */
  private readonly arrivals = new Float64Array(windowMs / secondMs + 1);
  private second = 0;
  private since: number;
  private readonly begun: number;

  constructor(at: number) {
    this.since = at;
    this.begun = at;
  }

  /** The camera has a frame, whether it is wanted or not. */
  arrived(at: number): void {
    this.turn(at);
    const { arrivals } = this;
    arrivals[this.second % arrivals.length] = (arrivals[this.second % arrivals.length] ?? 0) + 1;
  }

  answered(at: number, totalMs: number, serviceMs: number): void {
    const place = this.count % capacity;
    this.at[place] = at;
    this.total[place] = totalMs;
    this.service[place] = serviceMs;
    this.count += 1;
  }

  /** Another step holds from now on: results before it say nothing of it. */
  restart(at: number): void {
    this.count = 0;
    this.since = at;
  }

  /** @returns undefined where there is no result to speak of */
  look(at: number): Figures | undefined {
    const results = this.within(at, windowMs, leastResults);
    if (results === 0) return undefined;
    const total = this.last(this.total, results);
    const service = this.last(this.service, results);
    const enough = this.within(at, long.ms, long.least);
    const latest = this.within(at, brisk.ms, leastResults);
    const oldest = Math.max(this.since, Math.min(at - windowMs, this.at[(this.count - results) % capacity] ?? at));
    return {
      results,
      p95: quantile(total, 0.95),
      brisk: quantile(this.last(this.total, latest), brisk.share),
      lasting: enough < long.least ? 0 : quantile(this.last(this.total, enough), long.share),
      service: { p95: quantile(service, 0.95), mean: mean(service) },
      recent: mean(this.last(this.service, latest)),
      offered: this.offered(at),
      answered: (results * 1000) / Math.max(at - oldest, 1),
    };
  }

  /** How many of the last results fall into a time, or as many as are needed where those are fewer. */
  private within(at: number, ms: number, least: number): number {
    const kept = Math.min(this.count, capacity);
    let found = 0;
    for (; found < kept; found += 1) {
      const age = at - (this.at[(this.count - 1 - found) % capacity] ?? 0);
      if (age > longestMs || (age > ms && found >= least)) break;
    }
    return found;
  }

  private last(values: Float64Array, count: number): number[] {
    return Array.from({ length: count }, (_, index) => values[(this.count - count + index) % capacity] ?? 0);
  }

  /** Over whole seconds: the running one is not over yet. */
  private offered(at: number): number {
    this.turn(at);
    const { arrivals } = this;
    const running = arrivals[this.second % arrivals.length] ?? 0;
    const total = arrivals.reduce((sum, value) => sum + value, 0) - running;
    const seconds = Math.min(arrivals.length - 1, this.second - Math.floor(this.begun / secondMs));
    return seconds < 1 ? running : total / seconds;
  }

  /** Brings the count of seconds up to now; seconds without a frame are empty. */
  private turn(at: number): void {
    const second = Math.floor(at / secondMs);
    const { arrivals } = this;
    if (second - this.second >= arrivals.length) arrivals.fill(0);
    else for (let passed = this.second + 1; passed <= second; passed += 1) arrivals[passed % arrivals.length] = 0;
    this.second = second;
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
