import { type EventId, eventIds } from '@alpharho/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventLimiter } from './event-limiter.ts';

describe('the event limiter', () => {
  it('lets a burst through, then one at a time, by id', () => {
    const limiter = new EventLimiter();
    const told = (id: EventId, now: number, count: number) =>
      Array.from({ length: count }, () => limiter.allows(id, now)).filter(Boolean).length;
    expect(told('camera.lost', 0, 1000)).toBe(10);
    expect(told('camera.recovered', 0, 5)).toBe(5);
    expect(told('camera.lost', 29_000, 10)).toBe(0);
    expect(told('camera.lost', 31_000, 10)).toBe(1);
    expect(limiter.takeOmitted()).toEqual({ 'camera.lost': 990 + 10 + 9 });
    expect(limiter.takeOmitted()).toBeUndefined();
  });

  it('never holds back a phase of an update', () => {
    const limiter = new EventLimiter();
    expect(Array.from({ length: 1000 }, () => limiter.allows('update.phase', 0))).not.toContain(false);
  });

  it('counts exactly what it held back, and lets no more through than its rate', () => {
    const ids = Object.keys(eventIds) as EventId[];
    const asked = fc.array(fc.record({ id: fc.constantFrom(...ids), wait: fc.integer({ min: 0, max: 100_000 }) }), { maxLength: 300 });
    fc.assert(
      fc.property(asked, (calls) => {
        const limiter = new EventLimiter();
        let now = 0;
        const passed: Record<string, number> = {};
        for (const { id, wait } of calls) {
          now += wait;
          if (limiter.allows(id, now)) passed[id] = (passed[id] ?? 0) + 1;
        }
        const omitted = limiter.takeOmitted() ?? {};
        for (const id of ids) {
          expect((passed[id] ?? 0) + (omitted[id] ?? 0)).toBe(calls.filter((call) => call.id === id).length);
        }
        expect(passed['log.warning'] ?? 0).toBeLessThanOrEqual(20 + now / 60_000);
        expect(passed['camera.lost'] ?? 0).toBeLessThanOrEqual(10 + now / 30_000);
      }),
    );
  });
});
