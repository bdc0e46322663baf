/** @file Seeded noise: the same numbers on every machine. */

/** A well mixed 32-bit hash of two integers (the finaliser of MurmurHash3, Appleby, public domain). @returns 0 ≤ n < 2^32 */
export function hash(seed: number, index: number): number {
  let value = (Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(index | 0, 0x85ebca6b)) | 0;
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/** Independent draws for one thing (a part, a frame), each by its own number. @returns a number in [0, 1) */
export function draws(seed: number, thing: number): (draw: number) => number {
  const own = hash(seed, thing);
  return (draw) => hash(own, draw) / 2 ** 32;
}
