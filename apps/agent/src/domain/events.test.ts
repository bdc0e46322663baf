import { encode, eventIds, topics } from '@alpharho/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AgentEvent, draftEvent } from './events.ts';

const place = { session: 'session-1', seq: 1, at: 1 };

describe('an event for the wire', () => {
  it('is one that the codec takes, whatever it is made of', () => {
    const value = fc.oneof(fc.string({ maxLength: 2000 }), fc.double(), fc.boolean());
    const event: fc.Arbitrary<AgentEvent> = fc.record({
      id: fc.constantFrom(...(Object.keys(eventIds) as (keyof typeof eventIds)[])),
      level: fc.constantFrom('info', 'warning', 'error'),
      message: fc.string({ maxLength: 2000, unit: 'binary' }),
      detail: fc.dictionary(fc.string({ maxLength: 200 }), value, { maxKeys: 40, noNullPrototype: true }),
    });
    fc.assert(
      fc.property(event, (made) => {
        const body = JSON.parse(JSON.stringify(draftEvent(made, place)));
        expect(encode('events', { ...body, sentAt: 1 }).byteLength).toBeLessThan(topics.events.maxBytes);
      }),
    );
  });

  it('keeps what fits', () => {
    const event: AgentEvent = { id: 'camera.lost', level: 'warning', message: 'gone', detail: { code: 'camera_missing', tries: 3 } };
    expect(draftEvent(event, place)).toEqual({ v: 1, stream: 'events', ...place, ...event });
  });
});
