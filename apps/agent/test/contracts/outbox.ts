/** @file What every outbox does, whatever keeps its entries. */
import { describe, expect, it } from 'vitest';
import type { Outbox, OutboxEntry, Stream } from '../../src/domain/ports.ts';

/** @param open a fresh, empty one */
export function outboxContract(name: string, open: () => Promise<Outbox>): void {
  const body = (seq: number) => JSON.stringify({ seq, text: `ünï "quoted" ${seq}` });
  const bodies = (from: number, count: number) => Array.from({ length: count }, (_, index) => body(from + index));
  const seqs = (entries: OutboxEntry[]) => entries.map(({ session, seq }) => `${session} ${seq}`);
  const all = async (outbox: Outbox, stream: Stream = 'results') => seqs(await outbox.read(stream, undefined, 10_000));

  describe(`${name} as an outbox`, () => {
    it('gives back what it was given, byte for byte', async () => {
      const outbox = await open();
      await outbox.append('results', 'one', 1, bodies(1, 3));
      expect(await outbox.read('results', undefined, 10)).toEqual([1, 2, 3].map((seq) => ({ session: 'one', seq, body: body(seq) })));
      expect((await outbox.size()).entries).toBe(3);
      await outbox.close();
    });

    it('reads on from where a reader is, across sessions, in the order of their first entry', async () => {
      const outbox = await open();
      await outbox.append('results', 'zulu', 5, bodies(5, 2));
      await outbox.append('results', 'alpha', 1, bodies(1, 2));
      await outbox.append('results', 'zulu', 7, bodies(7, 1));
      expect(await all(outbox)).toEqual(['zulu 5', 'zulu 6', 'zulu 7', 'alpha 1', 'alpha 2']);
      expect(seqs(await outbox.read('results', { session: 'zulu', seq: 6 }, 2))).toEqual(['zulu 7', 'alpha 1']);
      expect(await outbox.read('results', { session: 'alpha', seq: 2 }, 2)).toEqual([]);
      await outbox.close();
    });

    it('keeps its streams apart', async () => {
      const outbox = await open();
      await outbox.append('results', 'one', 1, bodies(1, 2));
      await outbox.append('telemetry', 'one', 1, bodies(1, 1));
      await outbox.remove([{ stream: 'results', session: 'one', from: 1, to: 2 }]);
      expect(await all(outbox)).toEqual([]);
      expect(await all(outbox, 'telemetry')).toEqual(['one 1']);
      await outbox.close();
    });

    it('removes exactly what is named', async () => {
      const outbox = await open();
      await outbox.append('results', 'one', 1, bodies(1, 6));
      await outbox.append('results', 'two', 1, bodies(1, 2));
      await outbox.remove([
        { stream: 'results', session: 'one', from: 2, to: 4 },
        { stream: 'results', session: 'two', from: 1, to: 1 },
        { stream: 'results', session: 'never seen', from: 1, to: 100 },
      ]);
      expect(await all(outbox)).toEqual(['one 1', 'one 5', 'one 6', 'two 2']);
      expect((await outbox.size()).entries).toBe(4);
      await outbox.close();
    });

    it('takes an entry that it has already only once', async () => {
      const outbox = await open();
      await outbox.append('results', 'one', 1, bodies(1, 3));
      await outbox.append('results', 'one', 2, ['{"other":true}', body(3), body(4)]);
      expect((await outbox.read('results', undefined, 10)).map((entry) => entry.body)).toEqual(bodies(1, 4));
      expect((await outbox.size()).entries).toBe(4);
      await outbox.close();
    });

    it('forgets the oldest results first where it must forget', async () => {
      const outbox = await open();
      const wide = (count: number) => Array.from({ length: count }, (_, index) => JSON.stringify({ index, fill: 'x'.repeat(500) }));
      await outbox.append('telemetry', 'one', 1, wide(1));
      await outbox.append('results', 'one', 1, wide(3000));
      await outbox.append('results', 'two', 1, wide(3000));
      const dropped = await outbox.trim(1_000_000);
      expect(dropped).toBeGreaterThan(3000);
      const left = await all(outbox);
      expect(left).toHaveLength(6000 - dropped);
      expect(left.at(-1)).toBe('two 3000');
      expect(left[0]).toBe(`two ${dropped - 3000 + 1}`);
      expect(await all(outbox, 'telemetry')).toEqual(['one 1']);
      expect(await outbox.trim(1_000_000)).toBe(0);
      await outbox.close();
    });

    it('counts right while appends and removals overlap', async () => {
      const outbox = await open();
      const work = Array.from({ length: 20 }, (_, round) => [
        outbox.append('results', 'one', round * 10 + 1, bodies(1, 10)),
        outbox.remove([{ stream: 'results', session: 'one', from: Math.max(round * 10 - 9, 1), to: Math.max(round * 10, 1) }]),
      ]);
      await Promise.all(work.flat());
      expect((await outbox.size()).entries).toBe((await all(outbox)).length);
      await outbox.close();
    });
  });
}
