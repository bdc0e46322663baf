import { encode, maxResultsPerBatch, topics } from '@alpharho/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutResults, encodeResult } from './batches.ts';
import type { OutboxEntry } from './ports.ts';

const result = (frame: number, variant = 'a'.repeat(64), label = 'bottle') =>
  encodeResult({
    frame,
    at: 1000 + frame,
    ms: 1.23456,
    stages: { preprocess: 0.1, inference: 1, postprocess: 0.1 },
    variant,
    top: [{ class: 3, label, probability: 0.123456789 }],
  });

const entries = (seqs: number[], session = 'session-1'): OutboxEntry[] => seqs.map((seq) => ({ session, seq, body: result(seq) }));

/** Everything, message by message. */
function cutAll(all: OutboxEntry[]) {
  const cuts = [];
  for (let rest = all; rest.length > 0; ) {
    const cut = cutResults(rest);
    if (cut === undefined) throw new Error('nothing was cut');
    cuts.push(cut);
    rest = rest.slice(cut.to - cut.from + 1);
  }
  return cuts;
}

describe('cutting the outbox into messages', () => {
  it('makes messages that the wire takes, with every entry once and in order', () => {
    const anySeqs = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 700 }).map((steps) => {
      let seq = 0;
      return steps.map((step) => {
        seq += step === 3 ? 2 : 1;
        return seq;
      });
    });
    fc.assert(
      fc.property(anySeqs, fc.nat(200), (seqs, second) => {
        const all = [
          ...entries(seqs),
          ...entries(
            Array.from({ length: second }, (_, index) => index + 1),
            'session-2',
          ),
        ];
        const cuts = cutAll(all);
        for (const { message } of cuts) expect(() => encode('results', { ...message, sentAt: 1 })).not.toThrow();
        const told = cuts.flatMap(({ session, message }) => message.results.map(({ seq }) => `${session} ${seq}`));
        expect(told).toEqual(all.map(({ session, seq }) => `${session} ${seq}`));
      }),
      { numRuns: 50 },
    );
  });

  it('ends a message at the wire limits: results, variants, bytes', () => {
    expect(cutResults(entries(Array.from({ length: 800 }, (_, index) => index + 1)))?.to).toBe(maxResultsPerBatch);
    const digests = Array.from({ length: 20 }, (_, index) => index.toString(16).padStart(64, '0'));
    const varied = digests.map((digest, index) => ({ session: 's', seq: index + 1, body: result(index + 1, digest) }));
    expect(cutResults(varied)?.to).toBe(16);
    const label = 'ß'.repeat(200);
    const wide = Array.from({ length: 10 }, () => ({ class: 1, label, probability: 0.1 }));
    const body = encodeResult({
      frame: 1,
      at: 1,
      ms: 1,
      stages: { preprocess: 0, inference: 1, postprocess: 0 },
      variant: 'a'.repeat(64),
      top: wide,
    });
    const cut = cutResults(Array.from({ length: 500 }, (_, index) => ({ session: 'session-1', seq: index + 1, body })));
    const bytes = encode('results', { ...cut!.message, sentAt: 1_800_000_000_000 }).byteLength;
    expect(bytes).toBeLessThanOrEqual(topics.results.maxBytes);
    expect(bytes).toBeGreaterThan(topics.results.maxBytes * 0.9);
  });

  it('says that nothing can be cut where the first entry is damaged, and stops before a later one', () => {
    const damaged = { session: 'session-1', seq: 2, body: '{"frame":' };
    expect(cutResults([damaged])).toBeUndefined();
    expect(cutResults([...entries([1]), damaged])).toMatchObject({ from: 1, to: 1 });
    expect(cutResults([])).toBeUndefined();
  });

  it.each(['null', '7', '[]', '{}', '{"variant":"a","frame":1}', '{"top":[]}'])(
    'takes %s, which is JSON and no result, for damaged',
    (body) => {
      expect(cutResults([{ session: 'session-1', seq: 1, body }])).toBeUndefined();
    },
  );

  it('tells numbers as precisely as they are worth', () => {
    const cut = cutResults(entries([1]));
    expect(cut?.message.results[0]).toMatchObject({ ms: 1.235, top: [{ class: 3, label: 'bottle', probability: 0.12346 }] });
  });
});
