/**
 * @file What a change of variant did to a figure: a difference of differences with an interval. Pure.
 *
 * A BACI design (before, after, control, impact): a device's change is the mean of its blocks after the switch less the mean of its
 * blocks before, and from each block the mean of the untouched devices in the same block is taken, so that what the time of day does to
 * all of them falls out (Stewart-Oaten, Murdoch, Parker: Environmental impact assessment: "pseudoreplication" in time? Ecology 67 (1986)
 * 929–940). The unit of replication is no frame: frames of one minute share their scene and their heat, and devices differ. The interval
 * is the wider of two around the same estimate:
 * - from the noise between a device's blocks, their correlation counted (noise.ts), as sure as many looks need (looks.ts);
 * - from the spread between devices (clusters: Bertrand, Duflo, Mullainathan: How much should we trust differences-in-differences
 *   estimates? QJE 119 (2004)): once five untouched ones show what devices seem to change by in the same time, switched and untouched
 *   ones as two samples; devices drift apart by themselves, and a pair of series cannot tell this from an effect (Murtaugh: On rejection
 *   rates of paired intervention analysis. Ecology 83 (2002); Underwood: Beyond BACI. J. Exp. Mar. Biol. Ecol. 161 (1992)).
 *   With fewer of those, the switched ones alone, from three on.
 * No random numbers anywhere: the same windows give the same verdict.
 */
import { freedomOf, type Noise, noiseOf, type Values } from './noise.ts';
import { mean, meanFactor, studentQuantile, variance } from './statistics.ts';

/** A switched device's values before and after. */
export type Unit = { before: Values; after: Values };

export type Effect = {
  /** Mean over devices of what the values would have been without the switch, and of what they are. */
  expected: number;
  value: number;
  /** Half the width of the interval around value − expected. */
  half: number;
  devices: number;
  controls: number;
};

export type Shortage = { shortage: 'before' | 'after'; blocks: number; wanted: number };

/** Fewer say too little of the noise. */
const leastBefore = 10;
/** Eight minutes of the new variant: a passing load is over by then, and no shorter one is taken for a regression. Fewer in short windows. */
const usualAfter = 8;
const fewestAfter = 4;
const leastClusters = 3;
const leastPlacebos = 5;
const side = 0.025;

/** How sure an interval is to be, and how much there must be for one. */
export type Demands = {
  /** Chance that one side may miss at one look. */
  tail: number;
  /** Blocks after the switch. */
  leastAfter: number;
};

/** @param blocks of a whole window */
export function leastAfterOf(blocks: number): number {
  return Math.min(usualAfter, Math.max(fewestAfter, Math.floor(blocks / 2)));
}

export function changeOf(units: readonly Unit[], controls: readonly Values[], { tail, leastAfter }: Demands): Effect | Shortage {
  const sides = [blocksOf(units.map(({ before }) => before)), blocksOf(units.map(({ after }) => after))];
  const fit = controls.filter((control) => sides.every((blocks) => covers(control, blocks)));
  const course = fit.length > 0 ? courseOf(fit) : undefined;
  const adjusted = units.map(({ before, after }) => ({ before: subtract(before, course), after: subtract(after, course) }));
  const usable = adjusted.filter(({ before, after }) => before.size >= leastBefore && after.size >= leastAfter);
  if (usable.length === 0) return shortageOf(adjusted, leastAfter);
  const changes = usable.map(({ before, after }) => meanOf(after) - meanOf(before));
  const strangers = fit.map((control) => subtract(control, courseWithout(fit, course, control)));
  const placebos = strangers.length < leastPlacebos ? [] : placeboChanges(usable, strangers);
  const noise = noiseOf([...usable.map(({ before }) => before), ...strangers]);
  const half = Math.max(
    fromTime(usable, noise, fit.length) *
      studentQuantile(tail, freedomOf([...usable.map(({ before }) => before), ...strangers], noise.correlation)),
    fromDevices(changes, placebos),
  );
  const value = mean(usable.map(({ after }) => meanOf(after)));
  return { expected: value - mean(changes), value, half, devices: usable.length, controls: fit.length };
}

/** The mean itself, without a comparison. */
export function levelOf(afters: readonly Values[], befores: readonly Values[], { tail, leastAfter }: Demands): Effect | Shortage {
  const usable = afters.filter(({ size }) => size >= leastAfter);
  if (usable.length === 0) return { shortage: 'after', blocks: Math.max(0, ...afters.map(({ size }) => size)), wanted: leastAfter };
  const histories = [...usable, ...befores.filter(({ size }) => size >= leastBefore)];
  const noise = noiseOf(histories);
  const own = noiseOf(usable).pooled;
  const spread = Math.max(own, noise.pooled);
  const error = Math.sqrt(mean(usable.map(({ size }) => spread * meanFactor(size, noise.correlation))) / usable.length);
  const levels = usable.map(meanOf);
  const half = Math.max(error * studentQuantile(tail, freedomOf(histories, noise.correlation)), fromClusters(levels));
  return { expected: mean(levels), value: mean(levels), half, devices: usable.length, controls: 0 };
}

function shortageOf(units: readonly Unit[], leastAfter: number): Shortage {
  const after = Math.max(0, ...units.map((unit) => unit.after.size));
  if (after < leastAfter) return { shortage: 'after', blocks: after, wanted: leastAfter };
  return { shortage: 'before', blocks: Math.max(0, ...units.map((unit) => unit.before.size)), wanted: leastBefore };
}

/** One that was away for either time would shift the course. */
function covers(control: Values, blocks: ReadonlySet<number>): boolean {
  let shared = 0;
  for (const block of blocks) if (control.has(block)) shared += 1;
  return shared > 0 && shared >= blocks.size / 2;
}

function blocksOf(histories: readonly Values[]): ReadonlySet<number> {
  const blocks = new Set<number>();
  for (const values of histories) for (const block of values.keys()) blocks.add(block);
  return blocks;
}

type Course = ReadonlyMap<number, { sum: number; count: number }>;

/** What the controls have in common: block → sum of their distances from their own level. */
function courseOf(controls: readonly Values[]): Course {
  const course = new Map<number, { sum: number; count: number }>();
  for (const control of controls) {
    const level = meanOf(control);
    for (const [block, value] of control) {
      const entry = course.get(block);
      if (entry === undefined) course.set(block, { sum: value - level, count: 1 });
      else {
        entry.sum += value - level;
        entry.count += 1;
      }
    }
  }
  return course;
}

function courseWithout(all: readonly Values[], course: Course | undefined, one: Values): Course | undefined {
  if (course === undefined || all.length < 2) return undefined;
  const level = meanOf(one);
  const rest = new Map<number, { sum: number; count: number }>();
  for (const [block, { sum, count }] of course) {
    const value = one.get(block);
    if (value === undefined) rest.set(block, { sum, count });
    else if (count > 1) rest.set(block, { sum: sum - (value - level), count: count - 1 });
  }
  return rest;
}

function subtract(values: Values, course: Course | undefined): Values {
  if (course === undefined) return values;
  const result = new Map<number, number>();
  for (const [block, value] of values) {
    const common = course.get(block);
    if (common !== undefined) result.set(block, value - common.sum / common.count);
  }
  return result;
}

/** Standard error by the noise between blocks. What the controls' own noise adds is common to all switched devices. */
function fromTime(units: readonly Unit[], { correlation, pooled }: Noise, controls: number): number {
  const after = noiseOf(units.map((unit) => unit.after)).pooled;
  const factors = units.map((unit) => meanFactor(unit.before.size, correlation) + meanFactor(unit.after.size, correlation));
  const own = Math.max(pooled, after) * mean(factors);
  const shared = controls === 0 ? 0 : (1 - 1 / units.length) * (pooled / controls) * mean(factors);
  return Math.sqrt(own / units.length + shared);
}

function fromClusters(changes: readonly number[]): number {
  if (changes.length < leastClusters) return 0;
  return Math.sqrt(variance(changes) / changes.length) * studentQuantile(side, changes.length - 1);
}

/** Two samples of devices, switched and untouched, with one spread (Student's t for two samples). */
function fromDevices(changes: readonly number[], placebos: readonly number[]): number {
  if (placebos.length === 0) return fromClusters(changes);
  const freedom = changes.length + placebos.length - 2;
  const squares = variance(changes) * (changes.length - 1) + variance(placebos) * (placebos.length - 1);
  return Math.sqrt((squares / freedom) * (1 / changes.length + 1 / placebos.length)) * studentQuantile(side, freedom);
}

/** What the untouched devices seem to have changed by between the same blocks. */
function placeboChanges(units: readonly Unit[], strangers: readonly Values[]): number[] {
  const before = blocksOf(units.map((unit) => unit.before));
  const after = blocksOf(units.map((unit) => unit.after));
  const within = (values: Values, blocks: ReadonlySet<number>) =>
    [...values].filter(([block]) => blocks.has(block)).map(([, value]) => value);
  return strangers.map((values) => mean(within(values, after)) - mean(within(values, before)));
}

function meanOf(values: Values): number {
  let sum = 0;
  for (const value of values.values()) sum += value;
  return sum / values.size;
}
