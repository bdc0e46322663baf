/** @file Numbers as precisely as they are worth. */

/** @param steps to one: 1000 keeps three decimals */
export function round(value: number, steps: number): number {
  return Math.round(value * steps) / steps;
}
