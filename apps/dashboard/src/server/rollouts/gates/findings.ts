/** @file What the telemetry says of each metric, before anyone compares it with a limit. Pure. */
import type { Block, Series } from './blocks.ts';
import type { Cohort } from './cohort.ts';
import { changeOf, type Effect, levelOf, type Shortage } from './effect.ts';
import type { Against, ShadowReport } from './input.ts';
import type { Values } from './noise.ts';
import { type Count, designEffect, halfBetween, shareInterval } from './proportions.ts';
import { lacks } from './words.ts';

export type Finding = {
  baseline: number | null;
  value: number;
  change: number;
  low: number;
  high: number;
  n: number;
  devices: number;
  controls: number;
};

/** Why nothing can be said. */
export type Lack = { lack: string };

type OfBlock = (block: Block) => number | undefined;

export const logP95: OfBlock = ({ p95 }) => (p95 === undefined ? undefined : Math.log(p95));

/** A device that stands still is 0.001 frames a second rather than none, so that it has a logarithm. */
export const logRate: OfBlock = ({ rate }) => Math.log(Math.max(rate, 0.001));

export const confidence: OfBlock = ({ answers }) => (answers === null || answers.n === 0 ? undefined : answers.confidence.sum / answers.n);

export function valuesOf(series: Series, of: OfBlock): Values {
  const values = new Map<number, number>();
  for (const [index, block] of series) {
    const value = of(block);
    if (value !== undefined) values.set(index, value);
  }
  return values;
}

export function framesOf(cohort: Cohort): number {
  return sumOver(cohort, ({ frames }) => frames);
}

function sumOver(cohort: Cohort, of: (block: Block) => number): number {
  let sum = 0;
  for (const { after } of cohort.treated) for (const block of after.values()) sum += of(block);
  return sum;
}

/** A ratio of the new figure to what it would have been. */
export function ratio(cohort: Cohort, of: OfBlock, against: Against, tail: number): Finding | Lack {
  const effect = compare(cohort, of, against, tail);
  if ('lack' in effect) return effect;
  const log = effect.value - effect.expected;
  return {
    baseline: Math.exp(effect.expected),
    value: Math.exp(effect.value),
    change: Math.expm1(log),
    low: Math.expm1(log - effect.half),
    high: Math.expm1(log + effect.half),
    n: framesOf(cohort),
    devices: effect.devices,
    controls: effect.controls,
  };
}

export function difference(cohort: Cohort, of: OfBlock, against: Against, tail: number): Finding | Lack {
  const effect = compare(cohort, of, against, tail);
  if ('lack' in effect) return effect;
  const change = effect.value - effect.expected;
  const { expected: baseline, value, half, devices, controls } = effect;
  return { baseline, value, change, low: change - half, high: change + half, n: framesOf(cohort), devices, controls };
}

function compare(cohort: Cohort, of: OfBlock, against: Against, tail: number): Effect | Lack {
  const units = cohort.treated.map(({ before, after }) => ({ before: valuesOf(before, of), after: valuesOf(after, of) }));
  const controls = against === 'control' ? cohort.controls.map((series) => valuesOf(series, of)) : [];
  return orLack(changeOf(units, controls, { tail, leastAfter: cohort.leastAfter }), cohort);
}

function orLack(effect: Effect | Shortage, { length }: Cohort): Effect | Lack {
  if (!('shortage' in effect)) return effect;
  return { lack: lacks[effect.shortage](effect.blocks, effect.wanted, length / 60_000) };
}

/** Mean over devices of their p95, milliseconds. */
export function p95Level(cohort: Cohort, tail: number): Finding | Lack {
  const of = (side: 'before' | 'after') => cohort.treated.map((device) => valuesOf(device[side], logP95));
  const effect = orLack(levelOf(of('after'), of('before'), { tail, leastAfter: cohort.leastAfter }), cohort);
  if ('lack' in effect) return effect;
  const value = Math.exp(effect.value);
  const [low, high] = [Math.exp(effect.value - effect.half), Math.exp(effect.value + effect.half)];
  return { baseline: null, value, change: value, low, high, n: framesOf(cohort), devices: effect.devices, controls: 0 };
}

/** Share of frames that inference failed on. */
export function errorRate(cohort: Cohort, tail: number): Finding | Lack {
  const perDevice = cohort.treated.map(({ after }) => failuresOf(after));
  const blocks = perDevice.flat();
  const devices = perDevice.map(sumCounts);
  const { hits, n } = sumCounts(blocks);
  if (blocks.length === 0 || n === 0) return { lack: lacks.failures };
  const effective = n / Math.max(designEffect(blocks), devices.length < 3 ? 1 : designEffect(devices));
  const share = hits / n;
  const { low, high } = shareInterval(share, effective, tail);
  const own = sumCounts(cohort.treated.flatMap(({ before }) => failuresOf(before)));
  return {
    baseline: own.n === 0 ? null : own.hits / own.n,
    value: share,
    change: share,
    low,
    high,
    n,
    devices: devices.filter((device) => device.n > 0).length,
    controls: 0,
  };
}

function failuresOf(series: Series): Count[] {
  return [...series.values()].flatMap(({ failed, frames }) =>
    failed === null || failed + frames === 0 ? [] : [{ hits: failed, n: failed + frames }],
  );
}

function sumCounts(counts: readonly Count[]): Count {
  return { hits: counts.reduce((sum, { hits }) => sum + hits, 0), n: counts.reduce((sum, { n }) => sum + n, 0) };
}

/** Frames of one stretch look alike: a report has no course that would say how much, so ten count for one. */
const alike = 10;
const leastShadowFrames = 100;

/** Share of the frames in shadow on which both variants gave the same first answer. One look: a device shadows once. */
export function agreement(reports: readonly ShadowReport[]): Finding | Lack {
  const told = reports.flatMap(({ agreement: share, frames }) => (share === null ? [] : [{ hits: share * frames, n: frames }]));
  const { hits, n } = sumCounts(told);
  if (n < leastShadowFrames) return { lack: lacks.shadow(n, leastShadowFrames) };
  const share = hits / n;
  const interval = shareInterval(share, n / Math.max(alike, designEffect(told)), 0.025);
  const between = halfBetween(told.map((report) => report.hits / report.n));
  const low = Math.min(interval.low, share - between);
  const high = Math.max(interval.high, share + between);
  return {
    baseline: null,
    value: share,
    change: share,
    low: Math.max(0, low),
    high: Math.min(1, high),
    n,
    devices: told.length,
    controls: 0,
  };
}
