/**
 * @file The governor's judgement: which of the allowed steps to stand on, given what was measured. It does nothing itself.
 * One step down goes as far as it must, at once; a step up is taken after a while of room, and later each time that one failed.
 */
import type { Throttle } from '@alpharho/protocol';
import { type Rung, rungName } from './ladder.ts';
import { type Figures, leastResults } from './recent-figures.ts';

export type Budget = {
  /** Captured frame → result, 95th percentile, milliseconds. */
  readonly p95?: number | undefined;
  /** Results a second. */
  readonly minRate?: number | undefined;
  /** Hottest zone, °C. */
  readonly maxTemperature?: number | undefined;
};

/** What was measured lately, all of it on the step that holds now. */
export type Observation = Figures & {
  /** Monotonic milliseconds. */
  readonly at: number;
  readonly temperature?: number | undefined;
  readonly throttled?: readonly Throttle[] | undefined;
};

export type Pressure = 'latency' | 'rate' | 'temperature' | 'throttled';
export type StepReason = Pressure | 'room';

export type Step = {
  readonly from: number;
  readonly to: number;
  readonly reason: StepReason;
  /** What happened, with its figures. */
  readonly message: string;
  /** p95 that is expected there, milliseconds. */
  readonly predicted: number;
};

/**
 * @param service mean time inside the classifier, as it was measured first after the step; undefined until then
 * @param slowdown how many times as long as undisturbed the work took; undefined where it was never seen undisturbed
 */
type Load = { readonly kind: 'load'; readonly service: number | undefined; readonly slowdown: number | undefined };
type Cause = { readonly kind: 'temperature' | 'throttled' } | Load;

/** p95 of results, and mean time inside the classifier. */
type Calm = { readonly p95: number; readonly mean: number };

/** INVARIANT: `rung` is a place on the ladder. */
export type GovernorState = {
  readonly rung: number;
  /** Of the latest step, or of the beginning. */
  readonly since: number;
  readonly cameUp: boolean;
  /** Steps in a row that did not hold. */
  readonly failures: number;
  readonly pressedSince: number | undefined;
  /** Room for a step up to `target` has lasted since then, with or without what the latest step down was for. */
  readonly room: { readonly since: number; readonly target: number; readonly gone: boolean } | undefined;
  /** What the latest step down was for, while it may still hold. */
  readonly cause: Cause | undefined;
  /** What was measured on a rung while nothing disturbed. */
  readonly calm: ReadonlyMap<number, Calm>;
};

/** What a step needs before its own figures count. */
const settleMs = 3000;
/** A disturbance shorter than this passes without a step. */
const pressedMs = 2500;
/** Heat follows the work slowly. */
const heatSettleMs = 20_000;
/** Degrees below the limit before it is warmer work again. */
const coolBy = 5;
/** How long there must have been room: where the cause is seen to have gone, where it is not, and after heat. */
const roomMs = { gone: 5000, unknown: 30_000, heat: 30_000 };
/** A step up that is taken back earlier than this has failed. */
const failedMs = { load: 60_000, heat: 300_000 };
/** Each failure doubles the wait, up to 64 times. */
const mostDoublings = 6;
/**
 * Of the budget: what a step may be expected to take. Under a load the share that the others leave changes by a fifth within seconds, and a
 * step that is a little too low costs less than one that does not hold.
 */
const margin = { down: 0.8, up: 0.9 };
/** One step up makes no more work than so many times as much: of what a load does to long work, short work tells little. */
const mostGrowth = 4;
/** The classifier is busy all the time: frames wait for each other. */
const saturation = 0.9;
/** A load has gone when so much is left of what it added; while it lasts, half of that may come and go. */
const leftover = 0.4;
/** The same where the work was never seen undisturbed: it takes so much less than first after the step. */
const improvement = 0.5;

/** A variant begins to serve on this rung. */
export function beginGoverning(at: number, rung = 0): GovernorState {
  return { rung, since: at, cameUp: false, failures: 0, pressedSince: undefined, room: undefined, cause: undefined, calm: new Map() };
}

/**
 * @param ladder from the best step to the cheapest; the allowed set, and nothing else
 * @returns the state after this observation, with the step to take, if any; the state has taken it already
 */
export function govern(
  before: GovernorState,
  seen: Observation,
  ladder: readonly Rung[],
  budget: Budget,
): { readonly state: GovernorState; readonly step?: Step } {
  const age = seen.at - before.since;
  if (age < settleMs || seen.results < leastResults) return { state: { ...before, pressedSince: undefined, room: undefined } };
  const pressure = pressureOf(seen, budget);
  const state = remember({ state: before, seen, ladder, budget }, pressure);
  const now: Situation = { state, seen, ladder, budget };
  return pressure === undefined ? lookUp(now, age) : lookDown(now, pressure, age);
}

type Situation = { state: GovernorState; seen: Observation; ladder: readonly Rung[]; budget: Budget };

/** What is over its limit, the most urgent first. */
export function pressureOf(seen: Observation, budget: Budget): Pressure | undefined {
  if (budget.p95 !== undefined && Math.max(seen.brisk, seen.lasting) > budget.p95) return 'latency';
  // Where the camera gives less than is wanted, no step gives more.
  if (budget.minRate !== undefined && seen.answered < 0.95 * Math.min(budget.minRate, seen.offered)) return 'rate';
  if (budget.maxTemperature !== undefined && (seen.temperature ?? 0) > budget.maxTemperature) return 'temperature';
  return (seen.throttled?.length ?? 0) > 0 ? 'throttled' : undefined;
}

function remember(now: Situation, pressure: Pressure | undefined): GovernorState {
  const { state, seen } = now;
  const { cause: known } = state;
  const { mean } = seen.service;
  const cause = known?.kind === 'load' ? { ...known, service: grown(known.service, mean) } : known;
  const { calm, rung } = state;
  if (pressure !== undefined || !isGone({ ...now, state: { ...state, cause } })) return { ...state, cause };
  const before = calm.get(rung) ?? { p95: seen.p95, mean };
  const after = { p95: settled(before.p95, seen.p95), mean: settled(before.mean, mean) };
  return { ...state, cause, calm: new Map(calm).set(rung, after) };
}

/** What is less was disturbed less. */
function settled(before: number, seen: number): number {
  return before + (seen - before) * (seen < before ? 0.2 : 0.01);
}

/** What held the board up when the step was taken may grow afterwards. */
function grown(service: number | undefined, mean: number): number {
  return service === undefined ? mean : Math.max(service, service + 0.05 * (mean - service));
}

/** Whether nothing is left of what made the latest step down. Of heat that cannot be told: the step made less of it. */
function isGone(now: Situation): boolean {
  const { cause } = now.state;
  const { service, throttled } = now.seen;
  if (cause === undefined) return true;
  if (cause.kind === 'throttled') return (throttled?.length ?? 0) === 0;
  if (cause.kind !== 'load') return false;
  if (cause.service !== undefined && service.mean <= improvement * cause.service) return true;
  const slowdown = slowdownOf(now, service.mean);
  return slowdown !== undefined && cause.slowdown !== undefined && slowdown - 1 <= leftover * (cause.slowdown - 1);
}

/** How many times as long as undisturbed the work takes; from another rung's figures where this one was never seen undisturbed. */
function slowdownOf({ state, ladder }: Situation, mean: number): number | undefined {
  const { calm, rung } = state;
  const [known, from] = calm.has(rung) ? [calm.get(rung), rung] : ([...calm].map(([index, figures]) => [figures, index] as const)[0] ?? []);
  if (known === undefined || from === undefined) return undefined;
  return mean / (known.mean * workBetween(ladder, from, rung));
}

function lookDown(now: Situation, pressure: Pressure, age: number): { state: GovernorState; step?: Step } {
  const { seen, ladder } = now;
  const isHeat = pressure === 'temperature' || pressure === 'throttled';
  const pressedSince = now.state.pressedSince ?? seen.at;
  const state: GovernorState = { ...now.state, pressedSince, room: undefined };
  const isLowest = state.rung + 1 >= ladder.length;
  if (isLowest || seen.at - pressedSince < pressedMs || (isHeat && age < heatSettleMs)) return { state };
  const to = isHeat ? state.rung + 1 : relief(now, pressure);
  // One step down after another is how heat is met; a load is to be met by the first.
  const failed = isHeat ? state.cameUp && age < failedMs.heat : (state.cameUp || state.cause !== undefined) && age < failedMs.load;
  const calm = new Map(state.calm);
  // What was taken for undisturbed was not.
  if (failed && state.cameUp) calm.delete(to);
  return take({ ...now, state: { ...state, calm, failures: failed ? state.failures + 1 : 0 } }, to, pressure);
}

/** The first step down that is expected to be enough; else the one that helps most, and at least the next. */
function relief(now: Situation, pressure: Pressure): number {
  const { state, ladder, budget, seen } = now;
  const lower = ladder.map((_, index) => index).slice(state.rung + 1);
  const isEnough = (index: number) =>
    pressure === 'latency' ? predict(now, index) <= margin.down * (budget.p95 ?? 0) : loadOf(now, index) < saturation;
  const found = lower.find(isEnough);
  if (found !== undefined) return found;
  const best = lower.reduce((least, index) => (predict(now, index) < predict(now, least) ? index : least), state.rung + 1);
  return predict(now, best) < seen.p95 ? best : state.rung + 1;
}

function lookUp(now: Situation, age: number): { state: GovernorState; step?: Step } {
  const { seen } = now;
  const target = highest(now);
  if (target === undefined) return { state: { ...now.state, pressedSince: undefined, room: undefined } };
  const before = now.state.room;
  const gone = isGone(now);
  // The highest step for which there was room all the time. Where the load has gone there is more than there was.
  const room = before?.gone === gone ? { ...before, target: Math.max(before.target, target) } : { since: seen.at, target, gone };
  const state: GovernorState = { ...now.state, pressedSince: undefined, room };
  const { failures } = state;
  const wait = roomFor(now) * 2 ** Math.min(failures, mostDoublings);
  if (seen.at - room.since < wait || age < roomMs.gone) return { state };
  return take({ ...now, state }, room.target, 'room');
}

function roomFor(now: Situation): number {
  const { cause } = now.state;
  if (cause !== undefined && cause.kind !== 'load') return roomMs.heat;
  return isGone(now) ? roomMs.gone : roomMs.unknown;
}

/** The best step that would hold every limit, if it is better than this one. */
function highest(now: Situation): number | undefined {
  const { state, seen, ladder, budget } = now;
  if (budget.maxTemperature !== undefined && (seen.temperature ?? 0) > budget.maxTemperature - coolBy) return undefined;
  const found = ladder.findIndex((_, index) => index < state.rung && isRoomy(now, index));
  return found < 0 ? undefined : found;
}

function isRoomy(now: Situation, index: number): boolean {
  const { budget, seen, ladder, state } = now;
  if (state.cause?.kind === 'load' && index + 1 < state.rung && workOf(now, index) > mostGrowth) return false;
  const load = loadOf(now, index);
  if (budget.minRate !== undefined && load >= saturation) {
    const capacity = (wanted(ladder[index], seen) * saturation) / load;
    if (capacity < Math.min(budget.minRate, seen.offered)) return false;
  }
  if (budget.p95 === undefined) return true;
  return predict(now, index) <= margin.up * budget.p95 || (measured(now, index) ?? Number.POSITIVE_INFINITY) <= budget.p95;
}

/**
 * p95 on another rung. The time in the classifier changes with the work, and multiply-adds rise with the square of ρ; so does what others on
 * the processor add to it, since they get their turns while it works. Where the classifier is always busy, frames wait for each other as well.
 */
function predict(now: Situation, index: number): number {
  const { state, seen } = now;
  const { p95, mean } = seen.service;
  const work = workOf(now, index);
  const isBusy = (rung: number) => loadOf(now, rung) >= saturation;
  const here = isBusy(state.rung) ? p95 : seen.p95;
  const there = Math.max(0, here + p95 * (work - 1));
  return isBusy(index) ? there + mean * work : there;
}

/** p95 on another rung, as it was there undisturbed, by how much this one is slower than undisturbed. */
function measured(now: Situation, index: number): number | undefined {
  const { state, seen } = now;
  const [here, there] = [state.calm.get(state.rung), state.calm.get(index)];
  if (here === undefined || there === undefined || !isGone(now)) return undefined;
  return there.p95 * Math.max(1, seen.p95 / here.p95);
}

/** Work for one frame there, compared with here. */
function workOf({ state, ladder }: Situation, index: number): number {
  return workBetween(ladder, state.rung, index);
}

function workBetween(ladder: readonly Rung[], from: number, to: number): number {
  return ((ladder[to]?.rho ?? 1) / (ladder[from]?.rho ?? 1)) ** 2;
}

/** Part of the time that the classifier would be busy there; above 1, frames are dropped. */
function loadOf(now: Situation, index: number): number {
  return (wanted(now.ladder[index], now.seen) * now.seen.service.mean * workOf(now, index)) / 1000;
}

function wanted(rung: Rung | undefined, { offered }: Observation): number {
  return Math.min(offered, rung?.rate ?? offered);
}

function take(now: Situation, to: number, reason: StepReason): { state: GovernorState; step: Step } {
  const { state, seen, ladder, budget } = now;
  const from = state.rung;
  const predicted = predict(now, to);
  const message = `${reasonText(reason, seen, budget)}: ${rungName(ladder[from])} → ${rungName(ladder[to])}`;
  const isDown = to > from;
  return {
    state: {
      ...state,
      rung: to,
      since: seen.at,
      cameUp: !isDown,
      pressedSince: undefined,
      room: undefined,
      cause: causeAfter(now, reason),
    },
    step: { from, to, reason, message, predicted },
  };
}

/**
 * Heat may come back with every step up. So may a load: work that is done within one turn on a shared processor is not seen to wait, so that
 * what seems to have gone on a low step is looked for again on the higher one.
 */
function causeAfter(now: Situation, reason: StepReason): Cause | undefined {
  const { cause } = now.state;
  if (reason === 'room') {
    if (cause?.kind === 'temperature') return cause;
    const isKnown = cause?.kind === 'load' && (cause.slowdown !== undefined || !isGone(now));
    return isKnown ? { ...cause, service: undefined } : undefined;
  }
  if (reason === 'temperature' || reason === 'throttled') return { kind: reason };
  return { kind: 'load', service: undefined, slowdown: slowdownOf(now, now.seen.recent) };
}

function reasonText(reason: StepReason, seen: Observation, { p95, minRate, maxTemperature }: Budget): string {
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  if (reason === 'latency') return `p95 is ${ms(seen.p95)}, the budget ${ms(p95 ?? 0)}`;
  if (reason === 'rate') return `${seen.answered.toFixed(1)} results a second, at least ${minRate} are wanted`;
  if (reason === 'temperature') return `${seen.temperature?.toFixed(1)} °C, at most ${maxTemperature} °C are allowed`;
  if (reason === 'throttled') return `the board holds its processor back (${seen.throttled?.join(', ')})`;
  return `there is room, p95 is ${ms(seen.p95)}`;
}
