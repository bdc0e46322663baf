import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { OutboxRange } from './ports.ts';
import { Ranges } from './ranges.ts';

const range = (from: number, to: number, stream: OutboxRange['stream'] = 'results', session = 'now'): OutboxRange => ({
  stream,
  session,
  from,
  to,
});

it('is one range for as long as they follow each other', () => {
  const ranges = new Ranges();
  for (let from = 1; from < 10_000; from += 10) ranges.add(range(from, from + 9));
  expect(ranges.take()).toEqual([range(1, 10_000)]);
  expect(ranges.isEmpty).toBe(true);
});

it('keeps streams and sessions apart', () => {
  const ranges = new Ranges();
  const all = [range(1, 3), range(1, 3, 'events'), range(1, 3, 'results', 'before')];
  for (const one of all) ranges.add(one);
  expect(ranges.take()).toEqual(all);
});

it('holds the same entries as were put in, in ranges that do not touch', () => {
  const some = fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.nat(5)), { maxLength: 30 });
  fc.assert(
    fc.property(some, (pairs) => {
      const ranges = new Ranges();
      const wanted = new Set<number>();
      for (const [from, more] of pairs) {
        ranges.add(range(from, from + more));
        for (let seq = from; seq <= from + more; seq += 1) wanted.add(seq);
      }
      const taken = [...ranges.take()].sort((a, b) => a.from - b.from);
      const held = taken.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, index) => from + index));
      expect(held).toEqual([...wanted].sort((a, b) => a - b));
      for (const [index, { from }] of taken.entries()) if (index > 0) expect(from).toBeGreaterThan((taken[index - 1]?.to ?? 0) + 1);
    }),
  );
});
