/** @file Latency of variants, measured side by side: interleaved, so that a machine that slows down slows all of them. */
import type { Classifier } from '../runtime/classifier.ts';

export type Latency = {
  frames: number;
  /** Milliseconds from frame to labelled classes. `p10` is what the machine can do: other programs' work hardly touches it. */
  p10: number;
  p50: number;
  p95: number;
  p99: number;
  /** Mean of the whole, as a rate. */
  framesPerSecond: number;
};

export type MeasureOptions = {
  /** Frames that each variant classifies. */
  frames: number;
  signal?: AbortSignal;
};

/** Runs before the measurement: caches, branch predictors and the compiler settle. */
const warmUpFrames = 20;

/**
 * Times the classifiers on the same kind of frame (seeded noise: a MobileNet takes as long on noise as on a photograph).
 * @returns one latency for each, in their order
 * @throws the signal's reason once it is aborted
 */
export async function measureLatency(classifiers: readonly Classifier[], { frames, signal }: MeasureOptions): Promise<Latency[]> {
  const runs = classifiers.map((classifier) => ({
    classifier,
    frame: noise(classifier.variant.rho ** 2 * 3),
    times: new Float64Array(frames),
  }));
  for (let round = -warmUpFrames; round < frames; round++) {
    signal?.throwIfAborted();
    for (const { classifier, frame, times } of runs) {
      const start = performance.now();
      await classifier.classify(frame);
      if (round >= 0) times[round] = performance.now() - start;
    }
  }
  return runs.map(({ times }) => summarise(times));
}

function summarise(times: Float64Array): Latency {
  const sorted = times.toSorted();
  const at = (quantile: number) => sorted[Math.min(sorted.length - 1, Math.floor(quantile * sorted.length))] ?? 0;
  const total = sorted.reduce((sum, time) => sum + time, 0);
  return {
    frames: sorted.length,
    p10: at(0.1),
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    framesPerSecond: total > 0 ? (1000 * sorted.length) / total : 0,
  };
}

/** The same bytes on every machine: the linear congruential generator of Numerical Recipes (ch. 7.1, "quick and dirty"). */
function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = 1;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}
