/** @file How sure one look must be, where a gate is looked at again and again. Pure. */
import { normalDensity, normalTail } from './statistics.ts';

/** Chance that an interval misses the truth at any of the looks at a gate, both sides together. */
const missing = 0.05;
/** How long a class is looked at in a rollout, before and after its window has filled: four phases of an hour. */
const horizonMs = 4 * 3_600_000;
/** The shortest stretch after the switch that is judged: four blocks of a minute at the least (effect.ts). */
const firstLookMs = 4 * 60_000;

/**
 * The mean over a window that slides along is, once it has filled, a stationary process whose correlation falls by 1/window at once, and
 * while it fills one whose correlation in the logarithm of time falls by 1/2. The chance that such a process rises over u somewhere in a
 * stretch that holds E of these units is E·u·φ(u) + (1 − Φ(u)) for high u, also if it were looked at without a break
 * (Pickands: Upcrossing probabilities for stationary Gaussian processes. Trans. AMS 145 (1969) 51–73; Siegmund: Sequential Analysis, 1985, §4.).
 * It is u that is solved for, so that a look a minute, or a second, costs nothing more.
 * @param window milliseconds
 * @returns chance that one side of one interval may miss.
 */
export function tailOfOneLook(window: number): number {
  const units = Math.max(0, Math.log(window / firstLookMs)) / 2 + horizonMs / window;
  const crossing = (u: number) => units * u * normalDensity(u) + normalTail(u);
  let low = 1.5;
  let high = 8;
  for (let step = 0; step < 50; step += 1) {
    const middle = (low + high) / 2;
    if (crossing(middle) > missing / 2) low = middle;
    else high = middle;
  }
  return normalTail(high);
}
