import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSharedSlots, FrameGiver, FrameTaker } from './newest-wins.ts';

/** Writes the ticket into the frame, so that a frame can be told from its ticket. */
function give(giver: FrameGiver, ticket: number): number | undefined {
  giver.slot.fill(ticket);
  return giver.give(ticket);
}

describe('newest frame wins', () => {
  it('hands over the newest and tells which it replaced', () => {
    const slots = createSharedSlots(4);
    const [giver, taker] = [new FrameGiver(slots), new FrameTaker(slots)];
    expect([give(giver, 1), give(giver, 2), give(giver, 3)]).toEqual([undefined, 1, 2]);
    expect(taker.take()).toEqual({ ticket: 3, frame: new Uint8Array(4).fill(3) });
  });

  it('keeps the frame in work whole while newer ones come', () => {
    const slots = createSharedSlots(4);
    const [giver, taker] = [new FrameGiver(slots), new FrameTaker(slots)];
    give(giver, 1);
    const inWork = taker.take();
    for (let ticket = 2; ticket < 20; ticket += 1) give(giver, ticket);
    expect(inWork?.frame).toEqual(new Uint8Array(4).fill(1));
    expect(taker.take()?.ticket).toBe(19);
  });

  it('loses no frame without saying so, in any interleaving', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (turns) => {
        const slots = createSharedSlots(1);
        const [giver, taker] = [new FrameGiver(slots), new FrameTaker(slots)];
        const seen: number[] = [];
        let ticket = 0;
        let waiting = false;
        for (const isGive of turns) {
          if (isGive) {
            ticket += 1;
            const replaced = give(giver, ticket);
            if (replaced !== undefined) seen.push(replaced);
            waiting = true;
          } else if (waiting) {
            const taken = taker.take();
            expect(taken?.frame[0]).toBe((taken?.ticket ?? 0) % 256);
            seen.push(taken?.ticket ?? -1);
            waiting = false;
          }
        }
        const all = Array.from({ length: ticket }, (_, index) => index + 1);
        expect(seen).toEqual(waiting ? all.slice(0, -1) : all);
      }),
    );
  });

  it('ends after stop, even with a frame waiting', () => {
    const slots = createSharedSlots(1);
    const [giver, taker] = [new FrameGiver(slots), new FrameTaker(slots)];
    give(giver, 1);
    giver.stop();
    expect(taker.take()).toBeUndefined();
  });
});
