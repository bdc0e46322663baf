/** @file A board in a fake time: a camera, a classifier whose latency follows ρ, noise and load, and a governor that watches it. */
import { type Budget, beginGoverning, type GovernorState, govern, type Observation, type Step } from '../../src/domain/governor.ts';
import type { Rung } from '../../src/domain/ladder.ts';
import { quantile } from '../../src/domain/quantile.ts';
import { RecentFigures } from '../../src/domain/recent-figures.ts';

const tickMs = 500;

export type BoardOptions = {
  readonly ladder: readonly Rung[];
  readonly budget: Budget;
  /** Frames a second that the camera gives. */
  readonly rate: number;
  /** Time of one inference at ρ where nothing disturbs. */
  readonly inferenceMs: (rho: number) => number;
  /** How many times longer it takes at a time. */
  readonly slowdown: (at: number) => number;
  /** How long the processor is busy with others first, and between, while so much is worked; nobody else wants it unless given. */
  readonly waits?: (at: number, workMs: number) => number;
  readonly machine?: (at: number, rung: Rung) => Pick<Observation, 'temperature' | 'throttled'>;
  /** From 0 up to 1. */
  readonly random: () => number;
};

export type Answer = { readonly at: number; readonly ms: number; readonly rung: number };
export type Taken = Step & { readonly at: number };

/** Runs the board for a while. The newest frame wins; a step of ρ holds from when the other classifier has warmed up. */
export function runBoard(options: BoardOptions, durationMs: number): { answers: Answer[]; steps: Taken[]; state: GovernorState } {
  const { ladder, budget, rate, random } = options;
  const figures = new RecentFigures(0);
  const [answers, steps]: [Answer[], Taken[]] = [[], []];
  let state = beginGoverning(0);
  let standing = 0;
  let holdsFrom: number | undefined;
  let freeAt = 0;
  let due = 0;
  let waiting: number | undefined;
  const work = (captured: number, from: number): void => {
    const rho = ladder[standing]?.rho ?? 0;
    const worked = options.inferenceMs(rho) * options.slowdown(from) * noise(random);
    const service = worked + (options.waits?.(from, worked) ?? 0);
    const overhead = 0.3 + 0.4 * random();
    freeAt = from + service;
    const answer = { at: freeAt + overhead, ms: freeAt + overhead - captured, rung: standing };
    answers.push(answer);
    figures.answered(answer.at, answer.ms, service);
  };
  const drain = (until: number): void => {
    if (waiting === undefined || freeAt > until) return;
    const captured = waiting;
    waiting = undefined;
    work(captured, freeAt);
  };
  const stepMs = 1000 / rate;
  let nextTick = tickMs;
  for (let at = 0; at < durationMs; at += stepMs) {
    figures.arrived(at);
    drain(at);
    for (; nextTick <= at; nextTick += tickMs) {
      if (holdsFrom !== undefined && nextTick >= holdsFrom) {
        holdsFrom = undefined;
        standing = state.rung;
        figures.restart(nextTick);
        state = { ...state, since: nextTick };
      }
      const seen = figures.look(nextTick);
      if (holdsFrom !== undefined || seen === undefined) continue;
      const decided = govern(state, { ...seen, ...options.machine?.(nextTick, ladder[standing] as Rung), at: nextTick }, ladder, budget);
      state = decided.state;
      if (decided.step === undefined) continue;
      steps.push({ ...decided.step, at: nextTick });
      holdsFrom = nextTick + 300 * options.slowdown(nextTick);
    }
    const allowed = ladder[standing]?.rate;
    if (allowed !== undefined && at < due - stepMs / 2) continue;
    due = Math.max(due, at - stepMs) + (allowed === undefined ? 0 : 1000 / allowed);
    if (freeAt <= at) work(at, at);
    else waiting = at;
  }
  return { answers, steps, state };
}

/** Most runs take about as long; one in fifty takes half as long again. */
function noise(random: () => number): number {
  const usual = 0.95 + 0.1 * random();
  return random() < 0.02 ? usual * 1.5 : usual;
}

export function p95(answers: readonly Answer[]): number {
  return quantile(
    answers.map(({ ms }) => ms),
    0.95,
  );
}

export type OthersOptions = {
  /** Busy threads beside the classifier's on its core, on average, at a time. */
  readonly others: (at: number) => number;
  /** What each of them gets at a time, milliseconds. */
  readonly sliceMs: number;
  readonly random: () => number;
};

/**
 * A core that is shared by turns: the classifier works for a slice, then each of the others has one. Slices differ, and the system moves the
 * others between cores every few seconds, so that the classifier's share changes while the load does not.
 */
export function sharedCore({ others, sliceMs, random }: OthersOptions): (at: number, workMs: number) => number {
  let phase = { until: 0, share: 1 };
  const slice = () => sliceMs * (0.5 + random());
  return (at, workMs) => {
    if (at >= phase.until) phase = { until: at + 2000 + 8000 * random(), share: 0.65 + 0.6 * random() };
    const busy = others(at) * phase.share;
    if (busy === 0) return 0;
    // Whoever has slept is let in soon, after what runs right now.
    let waited = random() * slice();
    for (let left = workMs - slice(); left > 0; left -= slice()) {
      const turns = Math.floor(busy) + (random() < busy % 1 ? 1 : 0);
      for (let turn = 0; turn < turns; turn += 1) waited += slice();
    }
    return waited;
  };
}

/** Mulberry32: the same numbers for a seed on every machine. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
