/**
 * @file Whether what a device answers has drifted, without labels and without a rollout: an hour against the same time of the days before. Pure.
 *
 * Scenes follow the day, so that an hour is compared with the hours around the same time of the seven days before it (one to either side).
 * How far an hour usually is from those is told by the same comparison for every hour of the past days: the newest one alarms where it is
 * further than all but one of many weeks would be (a t-interval for one more observation), and by enough to matter.
 */
import { mergeAnswers } from './blocks.ts';
import { totalVariation } from './class-mix.ts';
import type { Answers } from './input.ts';
import { mean, studentQuantile, variance } from './statistics.ts';

/** What a device answered by one variant within an hour of the clock. */
export type HourOfAnswers = { hour: number; answers: Answers };

export type DriftVerdict = {
  metric: 'classMix' | 'confidence';
  /** Total variation, 0 to 1; or the change of the mean confidence. */
  value: number;
  /** What would have alarmed, of the same unit. */
  threshold: number;
  /** Frames of the hour. */
  n: number;
  verdict: 'quiet' | 'drift';
};

/** Less is no matter for anyone, however sure it is. */
const leastShift = { classMix: 0.1, confidence: 0.05 };
const daysBack = 7;
/** Hours that must have been compared before anything is said: a day, after a first one that has nothing to be compared with. */
const leastHistory = 24;
const leastFrames = 100;
/** One-sided, of one hour: one false alarm in about three years of a device. */
const tail = 1 / 25_000;

/**
 * @param hours of one variant on one device, in any order; the newest one is judged.
 * @returns nothing while there is too little to compare it with.
 */
export function judgeDrift(hours: readonly HourOfAnswers[]): DriftVerdict[] {
  const byHour = new Map(hours.filter(({ answers }) => answers.n >= leastFrames).map(({ hour, answers }) => [hour, answers]));
  const newest = Math.max(...byHour.keys());
  const now = byHour.get(newest);
  const shifts = [...byHour.keys()].sort((a, b) => a - b).flatMap((hour) => shiftOf(hour, byHour) ?? []);
  const last = shifts.pop();
  if (now === undefined || last?.hour !== newest || shifts.length < leastHistory) return [];
  const mix = usualUpTo(shifts.map(({ mix: value }) => Math.sqrt(value))) ** 2;
  const confidence = usualUpTo(shifts.map(({ confidence: value }) => value));
  const confidenceDown = usualUpTo(shifts.map(({ confidence: value }) => -value));
  const threshold = Math.max(leastShift.confidence, last.confidence < 0 ? confidenceDown : confidence);
  return [
    toVerdict('classMix', last.mix, Math.max(leastShift.classMix, mix), now.n),
    toVerdict('confidence', last.confidence, threshold, now.n),
  ];
}

function toVerdict(metric: DriftVerdict['metric'], value: number, threshold: number, n: number): DriftVerdict {
  return { metric, value, threshold, n, verdict: Math.abs(value) > threshold ? 'drift' : 'quiet' };
}

type Shift = { hour: number; mix: number; confidence: number };

function shiftOf(hour: number, byHour: ReadonlyMap<number, Answers>): Shift | undefined {
  const now = byHour.get(hour);
  const before: (Answers | null)[] = [];
  for (let day = 1; day <= daysBack; day += 1) {
    for (const beside of [-1, 0, 1]) before.push(byHour.get(hour - day * 24 + beside) ?? null);
  }
  const usual = mergeAnswers(before);
  if (now === undefined || usual === null) return undefined;
  return { hour, mix: totalVariation(now, usual), confidence: now.confidence.sum / now.n - usual.confidence.sum / usual.n };
}

/** Where one more value like these would still be expected. */
function usualUpTo(values: readonly number[]): number {
  const error = Math.sqrt(variance(values) * (1 + 1 / values.length));
  return mean(values) + studentQuantile(tail, values.length - 1) * error;
}
