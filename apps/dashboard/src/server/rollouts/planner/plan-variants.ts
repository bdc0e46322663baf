/**
 * @file Which variant each hardware class is to run for a goal, from measured figures only. Pure.
 *
 * A figure of one class says nothing of another one, and none is guessed: a variant without a measurement on a class is not chosen for
 * it, and the plan names it. A limit on the p95 is met where the whole interval lies within it, as at the gates.
 */
import { formatBytes, formatMs, formatPercent, plural } from '../../../lib/format.ts';
import type { BoardClass, Candidate, Choice, ClassPlan, Figures, Goal, Obstacle, Plan } from './input.ts';

/** What stands against a variant even if more were measured, or less were asked. */
const unknowns = new Set<Obstacle>(['otherLabels', 'unmeasured', 'accuracyUnknown', 'frameRateUnknown', 'memoryUnknown']);

/** @param figures at most one for each variant and class; classes come back in the order given. */
export function planVariants(
  goal: Goal,
  classes: readonly BoardClass[],
  candidates: readonly Candidate[],
  figures: readonly Figures[],
): Plan {
  const plans = classes.map((board) => planClass(goal, board, candidates, figures));
  const changed = plans.flatMap(({ hardwareClass, choice, changes }) =>
    choice !== null && changes ? [[hardwareClass, choice.variant.id]] : [],
  );
  return {
    classes: plans,
    variants: Object.fromEntries(changed),
    blocking: plans.filter(({ choice }) => choice === null).map(({ hardwareClass }) => hardwareClass),
  };
}

function planClass(goal: Goal, board: BoardClass, candidates: readonly Candidate[], figures: readonly Figures[]): ClassPlan {
  const { hardwareClass, devices } = board;
  const own = new Map(figures.filter((each) => each.hardwareClass === hardwareClass).map((each) => [each.variant, each]));
  const seen = candidates.map((variant) => {
    const measured = own.get(variant.id);
    return { variant, figures: measured, obstacles: obstaclesOf(goal, board, variant, measured) };
  });
  const measured = seen.flatMap(({ variant, figures: each, obstacles }) =>
    each === undefined ? [] : [{ variant, figures: each, obstacles }],
  );
  const better = (a: Choice, b: Choice) => compare(goal, a, b);
  const best = measured.filter(({ obstacles }) => obstacles.length === 0).sort(better)[0];
  const choice = best === undefined ? null : { variant: best.variant, figures: best.figures };
  const nearest = choice === null ? nearestOf(goal, measured) : null;
  const serves = candidates.find(({ id }) => id === board.serves) ?? null;
  return {
    hardwareClass,
    devices,
    now: { variant: serves, figures: board.serves === null ? null : (own.get(board.serves) ?? null) },
    choice,
    changes: choice !== null && choice.variant.id !== board.serves,
    nearest,
    others: seen
      .filter(({ variant }) => variant.id !== choice?.variant.id)
      .map(({ variant, obstacles }) => ({ variant: variant.id, obstacles })),
    reason: reasonOf(goal, board, choice, nearest, seen.filter(({ figures: each }) => each === undefined).length),
  };
}

function obstaclesOf(goal: Goal, { labels }: BoardClass, variant: Candidate, figures: Figures | undefined): Obstacle[] {
  const { limits } = goal;
  const obstacles: (Obstacle | false)[] = [
    labels !== null && variant.labels !== labels && 'otherLabels',
    variant.top1 === null && 'accuracyUnknown',
    goal.best === 'latency' && variant.top1 !== null && variant.top1 < goal.minTop1 && 'accuracy',
  ];
  if (figures === undefined) obstacles.push('unmeasured');
  else {
    const { p95, frameRate, memoryBytes } = figures;
    if (limits.p95Ms !== undefined && p95.high > limits.p95Ms) obstacles.push(p95.value > limits.p95Ms ? 'p95' : 'p95Unsure');
    if (limits.frameRate !== undefined)
      obstacles.push(frameRate === null ? 'frameRateUnknown' : frameRate < limits.frameRate && 'frameRate');
    if (limits.memoryBytes !== undefined)
      obstacles.push(memoryBytes === null ? 'memoryUnknown' : memoryBytes > limits.memoryBytes && 'memory');
  }
  return obstacles.filter((each) => each !== false);
}

/** Negative where `a` is the better one. The last word makes the answer independent of the order in which variants are listed. */
function compare(goal: Goal, a: Choice, b: Choice): number {
  const accuracy = (b.variant.top1 ?? 0) - (a.variant.top1 ?? 0);
  const latency = a.figures.p95.value - b.figures.p95.value;
  const [first, second] = goal.best === 'accuracy' ? [accuracy, latency] : [latency, accuracy];
  return first || second || a.variant.bytes - b.variant.bytes || (a.variant.id < b.variant.id ? -1 : 1);
}

type Measured = Choice & { obstacles: Obstacle[] };

/** The one that misses by the smallest factor. One of which something is unknown is none. */
function nearestOf(goal: Goal, measured: readonly Measured[]): Measured | null {
  const known = measured.filter(({ obstacles }) => !obstacles.some((each) => unknowns.has(each)));
  return known.sort((a, b) => missOf(goal, a) - missOf(goal, b) || compare(goal, a, b))[0] ?? null;
}

/** By what factor the limit that is missed most is missed; 1 where all are met. */
function missOf(goal: Goal, { variant, figures }: Choice): number {
  const { p95Ms, frameRate, memoryBytes } = goal.limits;
  return Math.max(
    1,
    p95Ms === undefined ? 1 : figures.p95.high / p95Ms,
    frameRate === undefined ? 1 : frameRate / Math.max(figures.frameRate ?? 0, 1e-9),
    memoryBytes === undefined ? 1 : (figures.memoryBytes ?? 0) / memoryBytes,
    goal.best === 'accuracy' ? 1 : goal.minTop1 / Math.max(variant.top1 ?? 0, 1e-9),
  );
}

function reasonOf(
  goal: Goal,
  { hardwareClass, serves }: BoardClass,
  choice: Choice | null,
  nearest: Measured | null,
  unmeasured: number,
): string {
  const missing = unmeasured === 0 ? '' : ` ${plural(unmeasured, 'variant')} never measured on it.`;
  if (choice !== null) {
    const what = `${choice.variant.name}: p95 ${formatMs(choice.figures.p95.value)}, top-1 ${formatPercent(choice.variant.top1)}`;
    return `${choice.variant.id === serves ? 'Stays on' : 'Changes to'} ${what}.${missing}`;
  }
  if (nearest === null) return `No variant with all figures on ${hardwareClass}: it keeps what it has.${missing}`;
  return `No variant meets the goal on ${hardwareClass}; nearest is ${nearest.variant.name}: ${shortfall(goal, nearest)}.${missing}`;
}

function shortfall(goal: Goal, { variant, figures, obstacles }: Measured): string {
  const { p95, frameRate, memoryBytes } = figures;
  const words: Partial<Record<Obstacle, string>> = {
    p95: `p95 ${formatMs(p95.value)} of ${formatMs(goal.limits.p95Ms)}`,
    p95Unsure: `p95 may be up to ${formatMs(p95.high)} of ${formatMs(goal.limits.p95Ms)}`,
    frameRate: `${frameRate?.toFixed(1)} of ${goal.limits.frameRate?.toFixed(1)} frames a second`,
    memory: `${formatBytes(memoryBytes)} of ${formatBytes(goal.limits.memoryBytes)} memory`,
    accuracy: `top-1 ${formatPercent(variant.top1)} of ${formatPercent(goal.best === 'latency' ? goal.minTop1 : null)}`,
  };
  return obstacles.map((each) => words[each] ?? each).join(', ');
}
