/** @file Latency of several subjects side by side, in interleaved rounds: a machine that slows down slows all of them. */
import type { Classifier } from '../runtime/classifier.ts';
import { median, percentile, wander } from './statistics.ts';

/** Latency of one subject. Milliseconds from frame to labelled classes, one frame at a time. */
export type Latency = {
  /** Frames that were timed. */
  frames: number;
  /** What the machine can do: other programs' work hardly touches it. */
  p10: number;
  p50: number;
  p95: number;
  p99: number;
  /** One frame after the other: 1000 over the mean. */
  framesPerSecond: number;
  /** How much the median wanders from round to round: half its quartiles' distance, as a share of it. */
  wander: number;
  /** The rounds' own figures, in order: what tells a difference from noise. */
  rounds: RoundLatency[];
};

/** Latency within one round, in milliseconds. */
export type RoundLatency = { p50: number; p95: number; mean: number };

/** What is timed: a classifier, or anything else that does its work in `run`. */
export type Subject = {
  /** Does the work once. */
  run(): Promise<unknown>;
};

/** How {@link measureLatency} and {@link measureSubjects} go about it. */
export type MeasureOptions = {
  /** Frames that each subject is timed on. */
  frames: number;
  /** Turns that they are divided into; 10 unless said, fewer where there are fewer frames. */
  rounds?: number;
  /** After so many milliseconds no new round begins, though there are at least three; getting warm takes a third of it at most. */
  budgetMs?: number;
  signal?: AbortSignal;
  /** Called after each subject's turn in a round. */
  onProgress?: (done: number, total: number) => void;
  /** Milliseconds of a clock that only goes forward. */
  now?: () => number;
};

const usualRounds = 10;
/** Fewer say nothing about noise. */
const fewestRounds = 3;
/**
 * Before each turn a subject runs untimed for so long and so often: its weights come back into the caches, and the threads of the one
 * before, which wait busily for a while, go to sleep.
 */
const settleMs = 20;
const settleRuns = 3;

/**
 * Times classifiers on the same kind of frame (seeded noise: a MobileNet takes as long on noise as on a photograph).
 * @returns one latency for each, in their order
 * @throws the signal's reason once it is aborted
 */
export function measureLatency(classifiers: readonly Classifier[], options: MeasureOptions): Promise<Latency[]> {
  return measureSubjects(
    classifiers.map((classifier) => {
      const frame = noiseFrame(classifier.variant.rho);
      return { run: () => classifier.classify(frame) };
    }),
    options,
  );
}

/**
 * Times subjects in rounds: in each round each of them has one turn, and the order changes from round to round.
 * Before the first round each is run until it gets no faster.
 * @returns one latency for each, in their order
 * @throws the signal's reason once it is aborted
 */
export async function measureSubjects(subjects: readonly Subject[], options: MeasureOptions): Promise<Latency[]> {
  const { frames, signal, onProgress, now = () => performance.now() } = options;
  const rounds = Math.max(1, Math.min(options.rounds ?? usualRounds, frames));
  const series = subjects.map(() => [] as Float64Array[]);
  const start = now();
  const warmMs = Math.min(mostWarmUpMs, (options.budgetMs ?? Number.POSITIVE_INFINITY) / 3 / Math.max(subjects.length, 1));
  for (const subject of subjects) await warmUp(subject, warmMs, now, signal);
  for (let round = 0; round < rounds; round++) {
    if (round >= fewestRounds && now() - start > (options.budgetMs ?? Number.POSITIVE_INFINITY)) break;
    const count = Math.floor(((round + 1) * frames) / rounds) - Math.floor((round * frames) / rounds);
    for (const [turn, index] of order(subjects.length, round).entries()) {
      series[index]?.push(await takeTurn(subjects[index] as Subject, count, now, signal));
      onProgress?.(round * subjects.length + turn + 1, rounds * subjects.length);
    }
  }
  return series.map(summarise);
}

async function takeTurn(subject: Subject, count: number, now: () => number, signal?: AbortSignal): Promise<Float64Array> {
  const settled = now() + settleMs;
  for (let run = 0; run < settleRuns || now() < settled; run++) {
    signal?.throwIfAborted();
    await subject.run();
    // A clock that stands still must not hold the measurement.
    if (run >= mostSettleRuns) break;
  }
  const times = new Float64Array(count);
  for (let frame = 0; frame < count; frame++) {
    signal?.throwIfAborted();
    const start = now();
    await subject.run();
    times[frame] = now() - start;
  }
  return times;
}

const mostSettleRuns = 1000;

const windowRuns = 10;
const mostWarmUpMs = 3000;
const mostWindows = 50;
/** A window this much faster than the one before says that the subject is still getting warm. */
const stillFaster = 0.97;

/** Runs until two windows in a row bring no more speed, or until the time is over. */
async function warmUp(subject: Subject, mostMs: number, now: () => number, signal?: AbortSignal): Promise<void> {
  const end = now() + mostMs;
  let before = Number.POSITIVE_INFINITY;
  let steady = 0;
  for (let window = 0; window < mostWindows && steady < 2 && now() < end; window++) {
    const times: number[] = [];
    for (let run = 0; run < windowRuns; run++) {
      signal?.throwIfAborted();
      const start = now();
      await subject.run();
      times.push(now() - start);
    }
    const middle = median(times);
    steady = middle >= before * stillFaster ? steady + 1 : 0;
    before = Math.min(before, middle);
  }
}

/** Each round begins with another subject and goes the other way round, so that nobody always follows the same one. */
function order(count: number, round: number): number[] {
  const turned = Array.from({ length: count }, (_, index) => (index + round) % count);
  return round % 2 === 0 ? turned : turned.reverse();
}

function summarise(rounds: readonly Float64Array[]): Latency {
  const sorted = Float64Array.from(rounds.flatMap((times) => [...times])).sort();
  const each = rounds.map((times) => {
    const own = times.toSorted();
    return { p50: median(own), p95: percentile(own, 0.95), mean: mean(own) };
  });
  const average = mean(sorted);
  return {
    frames: sorted.length,
    p10: percentile(sorted, 0.1),
    p50: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    p99: percentile(sorted, 0.99),
    framesPerSecond: average > 0 ? 1000 / average : 0,
    wander: wander(each.map((round) => round.p50)),
    rounds: each,
  };
}

function mean(times: Float64Array): number {
  return times.length === 0 ? 0 : times.reduce((sum, time) => sum + time, 0) / times.length;
}

/** RGB noise of ρ × ρ pixels, the same bytes on every machine: the linear congruential generator of Numerical Recipes (ch. 7.1, "quick and dirty"). */
export function noiseFrame(rho: number): Uint8Array {
  const bytes = new Uint8Array(rho * rho * 3);
  let state = 1;
  for (let index = 0; index < bytes.length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}
