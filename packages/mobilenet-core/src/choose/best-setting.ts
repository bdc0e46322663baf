/** @file Which of the measured settings is the best one. */
import type { RoundLatency } from '../measure/latency.ts';
import { indistinguishable } from '../measure/statistics.ts';
import type { RunSetting } from '../runtime/classifier.ts';

/**
 * What a device is tuned for: the time that 95 of 100 frames stay under; frames a second, one after the other; or the time of the frame in
 * the middle, which other programs' work hardly touches: for devices that are tuned while they work.
 */
export type Goal = 'latency' | 'throughput' | 'typical';

/** A variant under one setting, as measured. */
export type Measurement = RunSetting & {
  frames: number;
  /** Milliseconds from frame to labelled classes. */
  p50: number;
  p95: number;
  p99: number;
  framesPerSecond: number;
  /** Figures of each round, for comparing with what was measured in the same rounds. */
  rounds: RoundLatency[];
};

/** The figure that a goal is about, in milliseconds: less is better. */
export function figure(measurement: Measurement, goal: Goal): number {
  if (goal === 'typical') return measurement.p50;
  return goal === 'latency' ? measurement.p95 : 1000 / measurement.framesPerSecond;
}

/** Whether two measurements of the same rounds differ by no more than noise. */
export function tied(a: Measurement, b: Measurement, goal: Goal): boolean {
  const part = ({ latency: 'p95', throughput: 'mean', typical: 'p50' } as const)[goal];
  const series = (measurement: Measurement) => measurement.rounds.map((round) => round[part]);
  return indistinguishable(series(a), series(b));
}

/**
 * The best of measurements that were taken in the same rounds. Of those that differ by no more than noise the file itself goes before its
 * twin, fewer threads before more, and the CPU before other providers: a board has other work for its cores, and the CPU is always there.
 * @returns undefined of none
 */
export function bestSetting(measurements: readonly Measurement[], goal: Goal): Measurement | undefined {
  const ranked = measurements.toSorted((a, b) => figure(a, goal) - figure(b, goal));
  const [fastest] = ranked;
  if (fastest === undefined) return undefined;
  const equals = ranked.filter((other) => other === fastest || tied(fastest, other, goal));
  const modest = (a: Measurement, b: Measurement) =>
    Number(a.twin ?? false) - Number(b.twin ?? false) ||
    a.threads - b.threads ||
    Number(a.provider !== 'cpu') - Number(b.provider !== 'cpu') ||
    figure(a, goal) - figure(b, goal);
  return equals.toSorted(modest)[0];
}
