import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Incoming } from './incoming.ts';
import { pack, unpack, WriterThread } from './thread.ts';

const message: fc.Arbitrary<Incoming> = fc.record({
  device: fc.constantFrom('line-01', 'line-02'),
  topic: fc.constantFrom('presence', 'reported', 'results', 'telemetry'),
  payload: fc.uint8Array({ maxLength: 50 }),
  arrivedAt: fc.nat(),
});

describe('pack', () => {
  it('keeps every message and its place', () => {
    fc.assert(
      fc.property(fc.array(message), (messages) => {
        expect(unpack(pack(messages)).map((each) => ({ ...each, payload: Uint8Array.from(each.payload) }))).toEqual(messages);
      }),
    );
  });
});

describe('WriterThread', () => {
  it('refuses what it cannot write any more instead of keeping its caller waiting', async () => {
    const thread = new WriterThread('unused.db', () => undefined);
    await expect(thread.commit([])).rejects.toThrow('has ended');
    await thread.stop();
  });
});
