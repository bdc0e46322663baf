/** @file How long to wait before the next try: doubling, capped, with jitter, so that a fleet does not come back in one beat. */

export type BackoffPolicy = {
  /** Upper bound of the first wait, milliseconds. */
  readonly baseMs: number;
  /** Upper bound of every wait, milliseconds. */
  readonly maxMs: number;
};

/**
 * "Equal jitter": half of the doubled time is kept, the other half is drawn at random, so that waits neither bunch nor vanish
 * (Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015).
 * @param attempt failures in a row so far, from 1
 * @param random gives numbers in [0, 1)
 * @returns milliseconds
 */
export function backoffMs(policy: BackoffPolicy, attempt: number, random: () => number): number {
  // 2^30 × any base is beyond every cap; more would overflow into Infinity × 0.
  const ceiling = Math.min(policy.maxMs, policy.baseMs * 2 ** Math.min(attempt - 1, 30));
  return ceiling / 2 + (ceiling / 2) * random();
}
