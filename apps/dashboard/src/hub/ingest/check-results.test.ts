import { resultsSchema } from '@alpharho/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isResults } from './check-results.ts';

const odd = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    true,
    '',
    'x',
    0,
    -0,
    -1,
    0.5,
    1,
    15,
    16,
    1.0001,
    1.0002,
    2 ** 53,
    Number.POSITIVE_INFINITY,
    [],
    {},
    8.64e15,
    8.65e15,
  ),
  fc.string({ minLength: 195, maxLength: 205 }),
);
const mostly = <T>(sound: fc.Arbitrary<T>, unsound: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 20, arbitrary: sound }, { weight: 1, arbitrary: unsound });
const sha256 = fc.constantFrom('a'.repeat(64), '0123456789abcdef'.repeat(4));
const prediction = fc.record({
  class: fc.nat(1000),
  label: fc.string({ maxLength: 20 }),
  probability: fc.double({ min: 0, max: 1, noNaN: true }),
});
const result = fc.record({
  frame: fc.integer({ min: 1, max: 1e6 }),
  at: fc.nat(),
  variant: mostly(fc.constant(0), fc.constant(1)),
  ms: fc.double({ min: 0, max: 100, noNaN: true }),
  top: mostly(fc.array(prediction, { minLength: 1, maxLength: 10 }), fc.array(prediction, { maxLength: 12 })),
});
const batch = fc
  .record({
    session: mostly(fc.constantFrom('session-a', 'A_-09876', 'x'.repeat(36)), fc.constantFrom('short', 'x'.repeat(37), 'session a')),
    sentAt: fc.nat(),
    variants: mostly(
      fc.array(sha256, { minLength: 1, maxLength: 16 }),
      fc.array(fc.oneof(sha256, fc.constantFrom('A'.repeat(64), 'a'.repeat(63))), { maxLength: 17 }),
    ),
    first: fc.integer({ min: 1, max: 1e6 }),
    results: mostly(fc.array(result, { minLength: 1, maxLength: 5 }), fc.array(result, { maxLength: 0 })),
  })
  .map(({ first, results, ...rest }) => ({ v: 1, ...rest, results: results.map((each, index) => ({ seq: first + index, ...each })) }));

type Json = { [key: string]: unknown };

/** The message with one of its values, at any depth, replaced. */
function spoil(message: Json, path: number[], value: unknown): Json {
  const copy = structuredClone(message);
  let place: Json = copy;
  for (const step of path) {
    const keys = Object.keys(place);
    const key = keys[step % keys.length];
    if (key === undefined) break;
    const inner = place[key];
    if (typeof inner !== 'object' || inner === null || path.at(-1) === step) {
      place[key] = value;
      break;
    }
    place = inner as Json;
  }
  return copy;
}

describe('isResults', () => {
  it('agrees with the schema on every message, sound or spoilt', () => {
    let sound = 0;
    fc.assert(
      fc.property(batch, fc.array(fc.nat(40), { maxLength: 5 }), odd, fc.boolean(), (message, path, value, spoilt) => {
        const json = spoilt ? spoil(message, path, value) : message;
        const expected = resultsSchema.safeParse(json).success;
        if (expected) sound += 1;
        expect(isResults(json)).toBe(expected);
      }),
      { numRuns: 20_000 },
    );
    // The generator is of no use where it never or always makes sound messages.
    expect(sound).toBeGreaterThan(1000);
    expect(sound).toBeLessThan(19_000);
  });

  it.each([[null], [[]], ['x'], [5], [{ v: 1 }], [[{ v: 1 }]]])('is not fooled by %j', (json) => {
    expect(isResults(json)).toBe(false);
  });

  it.each<[string, (size: number) => object, number]>([
    ['results', (size) => ({ results: Array.from({ length: size }, (_, index) => one({ seq: index + 1 })) }), 500],
    ['variants', (size) => ({ variants: new Array(size).fill('a'.repeat(64)) }), 16],
    ['predictions', (size) => ({ results: [one({ top: new Array(size).fill(guess()) })] }), 10],
    ['letters of a label', (size) => ({ results: [one({ top: [guess({ label: 'x'.repeat(size) })] })] }), 200],
    ['letters of a session', (size) => ({ session: 'x'.repeat(size) }), 36],
    ['the last instant', (size) => ({ sentAt: size, results: [one({ at: size })] }), 8.64e15],
  ])('agrees where the limit of %s is', (_, fields, limit) => {
    const verdicts = [limit, limit + 1].map((size) => {
      const message = { v: 1, session: 'session-a', sentAt: 0, variants: ['a'.repeat(64)], results: [one()], ...fields(size) };
      return [isResults(message), resultsSchema.safeParse(message).success];
    });
    expect(verdicts).toEqual([
      [true, true],
      [false, false],
    ]);
  });
});

function guess(fields: object = {}): object {
  return { class: 0, label: '', probability: 1.0001, ...fields };
}

function one(fields: object = {}): object {
  return { seq: 1, frame: 1, at: 0, variant: 0, ms: 0, top: [guess()], ...fields };
}
