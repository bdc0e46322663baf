/** @file A small seeded random source: the same seed gives the same weights, and so the same file, on every machine. */

/** Gives numbers evenly spread over [0, 1), in steps of 2^-32. */
export type Uniform = () => number;

/**
 * A stream of random numbers. mulberry32: 32 bits of state through Weyl increments and a mixing function.
 * Integer arithmetic alone, so that no processor or Node version can round it differently.
 * @param seed any whole number; its low 32 bits count
 * @param stream which of many independent streams of this seed
 */
export function uniform(seed: number, stream = 0): Uniform {
  let state = mix(mix(seed | 0) + stream);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    return mix(state) / 2 ** 32;
  };
}

function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
  bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
  return (bits ^ (bits >>> 14)) >>> 0;
}
