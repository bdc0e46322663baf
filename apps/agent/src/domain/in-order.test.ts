import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InOrder } from './in-order.ts';

describe('answers in the order of capture', () => {
  it('gives them on in order, whatever order they come in, without those that were dropped', () => {
    const anyAnswers = fc.array(fc.boolean(), { maxLength: 30 }).chain((kept) =>
      fc.tuple(
        fc.constant(kept),
        fc.shuffledSubarray(
          kept.map((_, index) => index),
          { minLength: kept.length },
        ),
      ),
    );
    fc.assert(
      fc.property(anyAnswers, ([kept, order]) => {
        const out: number[] = [];
        const inOrder = new InOrder<number>((value) => out.push(value));
        kept.forEach((_, ticket) => {
          inOrder.open(ticket);
        });
        for (const ticket of order) inOrder.settle(ticket, kept[ticket] ? ticket : undefined);
        expect(out).toEqual(kept.flatMap((isKept, ticket) => (isKept ? [ticket] : [])));
      }),
    );
  });

  it('gives each on as soon as it can', () => {
    const out: string[] = [];
    const inOrder = new InOrder<string>((value) => out.push(value));
    inOrder.open(1);
    inOrder.open(2);
    inOrder.settle(2, 'second');
    expect(out).toEqual([]);
    inOrder.settle(1, 'first');
    expect(out).toEqual(['first', 'second']);
  });
});
