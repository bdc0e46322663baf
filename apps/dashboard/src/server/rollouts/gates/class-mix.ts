/**
 * @file How far the mix of answered classes has moved, without labels. Pure.
 *
 * Total variation between two mixes: the share of frames that would have to be answered otherwise. Two samples of one mix differ too, the
 * more the smaller they are and the longer a scene lasts; what stretches of the same length differ from the rest of their own hours is
 * therefore taken off, and gives the interval. Against a control cohort it is what untouched devices moved in the same time that is taken
 * off, as in a permutation over devices (Abadie, Diamond, Hainmueller: Synthetic control methods. JASA 105 (2010), §3.4: placebo runs).
 */
import { mergeAnswers, type Series } from './blocks.ts';
import type { Cohort } from './cohort.ts';
import { type Finding, framesOf, type Lack } from './findings.ts';
import type { Against, Answers } from './input.ts';
import { mean, studentQuantile, variance } from './statistics.ts';
import { lacks } from './words.ts';

const leastStretches = 4;
const leastControls = 3;

/** Half the sum of the distances; 0 where both are the same, 1 where they share nothing. */
export function totalVariation(a: Answers, b: Answers): number {
  const shares = new Map<number, number>();
  const add = ({ classes }: Answers, sign: number) => {
    const all = classes.reduce((sum, [, count]) => sum + count, 0);
    for (const [label, count] of classes) shares.set(label, (shares.get(label) ?? 0) + (sign * count) / all);
  };
  add(a, 1);
  add(b, -1);
  let sum = 0;
  for (const share of shares.values()) sum += Math.abs(share);
  return sum / 2;
}

export function classMixShift(cohort: Cohort, against: Against, tail: number): Finding | Lack {
  const { treated, controls, leastAfter } = cohort;
  const devices = treated.flatMap(({ before, after }) => {
    const [own, now] = [answersOf(before), answersOf(after)];
    return own.length > 0 && now.length >= leastAfter ? [{ own, now, before, after }] : [];
  });
  if (devices.length === 0) return { lack: lacks.answers };
  const stretch = Math.max(...devices.map(({ now }) => now.length));
  const shifts = devices.map(({ own, now }) => distance(now, own));
  const still = devices.flatMap(({ own }) => stretchesOf(own, stretch));
  const moved = against === 'control' ? movedMeanwhile(devices, controls, leastAfter) : [];
  if (moved.length < leastControls && still.length < leastStretches) return { lack: lacks.null };
  const taken = moved.length >= leastControls ? moved : still;
  // A spread by a few devices is a poor one: the stretches of hours before help it.
  const freedom = Math.max(
    1,
    [moved, still].reduce((sum, { length }) => sum + Math.max(0, length - 1), 0),
  );
  const together = [moved, still].reduce((sum, values) => sum + variance(values) * Math.max(0, values.length - 1), 0) / freedom;
  const spread = Math.sqrt(Math.max(variance(taken), together));
  const half = studentQuantile(tail, freedom) * spread * Math.sqrt(1 / devices.length + 1 / taken.length);
  const change = mean(shifts) - mean(taken);
  return {
    baseline: null,
    value: Math.max(0, change),
    change,
    low: change - half,
    high: change + half,
    n: framesOf(cohort),
    devices: devices.length,
    controls: moved.length >= leastControls ? moved.length : 0,
  };
}

/** What each untouched device moved between the blocks before and those after. */
function movedMeanwhile(devices: readonly { before: Series; after: Series }[], controls: readonly Series[], leastAfter: number): number[] {
  const before = new Set(devices.flatMap((device) => [...device.before.keys()]));
  const after = new Set(devices.flatMap((device) => [...device.after.keys()]));
  return controls.flatMap((series) => {
    const own = answersOf(series, before);
    const now = answersOf(series, after);
    return own.length >= before.size / 2 && now.length >= leastAfter ? [distance(now, own)] : [];
  });
}

/** Stretches of so many blocks, each against the others of the same device. */
function stretchesOf(own: readonly Answers[], stretch: number): number[] {
  const count = Math.floor(own.length / stretch);
  if (count < 2) return [];
  return Array.from({ length: count }, (_, index) => {
    const [start, end] = [index * stretch, (index + 1) * stretch];
    return distance(own.slice(start, end), [...own.slice(0, start), ...own.slice(end)]);
  });
}

function distance(a: readonly Answers[], b: readonly Answers[]): number {
  const [left, right] = [mergeAnswers(a), mergeAnswers(b)];
  return left === null || right === null ? 0 : totalVariation(left, right);
}

/** In the order of time. */
function answersOf(series: Series, within?: ReadonlySet<number>): Answers[] {
  return [...series.entries()]
    .filter(([index]) => within?.has(index) ?? true)
    .sort(([a], [b]) => a - b)
    .flatMap(([, { answers }]) => (answers === null || answers.n === 0 ? [] : [answers]));
}
