/** @file The highest probabilities without sorting all of them. */

/**
 * Indices of the `count` highest values, highest first; of equal ones the lower index comes first.
 * One pass with a short insertion list: for the few that are asked for, faster than any sort, and nothing is allocated but the result.
 */
export function topIndices(values: ArrayLike<number>, count: number): number[] {
  const best: number[] = [];
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    // Strictly greater: an equal value that comes later stays behind.
    if (best.length === count && !(value > values[best[count - 1]!]!)) continue;
    let place = best.length < count ? best.length : count - 1;
    while (place > 0 && value > values[best[place - 1]!]!) {
      best[place] = best[place - 1]!;
      place--;
    }
    best[place] = index;
  }
  return best;
}
