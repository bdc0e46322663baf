/** @file What every outbox does, whatever keeps its entries. */
import { describe, expect, it } from 'vitest';
import { type Outbox, type OutboxEntry, type OutboxRange, type Stream, streams } from '../../src/domain/ports.ts';

/** @param open a fresh, empty one */
export function outboxContract(name: string, open: () => Promise<Outbox>): void {
  const body = (seq: number) => JSON.stringify({ seq, text: `ünï "quoted" ${seq}` });
  const bodies = (from: number, count: number) => Array.from({ length: count }, (_, index) => body(from + index));
  const wide = (count: number) => Array.from({ length: count }, (_, index) => JSON.stringify({ index, fill: noise(index) }));
  const seqs = (entries: OutboxEntry[]) => entries.map(({ session, seq }) => `${session} ${seq}`);
  const all = async (outbox: Outbox, stream: Stream = 'results') => seqs(await outbox.read(stream, undefined, 100_000));
  const add = (outbox: Outbox, stream: Stream, session: string, firstSeq: number, list: readonly string[]) =>
    outbox.commit({ add: [{ stream, session, firstSeq, bodies: list }] });
  const remove = (outbox: Outbox, ...ranges: OutboxRange[]) => outbox.commit({ remove: ranges });
  const count = async (outbox: Outbox) => Object.values((await outbox.size()).entries).reduce((sum, entries) => sum + entries, 0);

  describe(`${name} as an outbox`, () => {
    it('gives back what it was given, byte for byte', async () => {
      const outbox = await open();
      await add(outbox, 'results', 'one', 1, bodies(1, 3));
      expect(await outbox.read('results', undefined, 10)).toEqual([1, 2, 3].map((seq) => ({ session: 'one', seq, body: body(seq) })));
      expect((await outbox.size()).entries).toEqual({ status: 0, events: 0, telemetry: 0, results: 3 });
      await outbox.close();
    });

    it('reads on from where a reader is, across commits and sessions, in the order of their first entry', async () => {
      const outbox = await open();
      await add(outbox, 'results', 'zulu', 5, bodies(5, 2));
      await add(outbox, 'results', 'alpha', 1, bodies(1, 2));
      await add(outbox, 'results', 'zulu', 7, bodies(7, 1));
      expect(await all(outbox)).toEqual(['zulu 5', 'zulu 6', 'zulu 7', 'alpha 1', 'alpha 2']);
      expect(seqs(await outbox.read('results', { session: 'zulu', seq: 5 }, 2))).toEqual(['zulu 6', 'zulu 7']);
      expect(seqs(await outbox.read('results', { session: 'zulu', seq: 6 }, 2))).toEqual(['zulu 7', 'alpha 1']);
      expect(await outbox.read('results', { session: 'alpha', seq: 2 }, 2)).toEqual([]);
      await outbox.close();
    });

    it('reads a long backlog in pieces without a gap', async () => {
      const outbox = await open();
      for (let first = 1; first <= 3000; first += 10) await add(outbox, 'results', 'one', first, bodies(first, 10));
      const found: number[] = [];
      for (let after: OutboxEntry | undefined; ; ) {
        const piece = await outbox.read('results', after, 137);
        if (piece.length === 0) break;
        found.push(...piece.map(({ seq }) => seq));
        after = piece.at(-1);
      }
      expect(found).toEqual(Array.from({ length: 3000 }, (_, index) => index + 1));
      await outbox.close();
    });

    it('keeps its streams apart', async () => {
      const outbox = await open();
      await outbox.commit({ add: streams.map((stream) => ({ stream, session: 'one', firstSeq: 1, bodies: bodies(1, 2) })) });
      await remove(outbox, { stream: 'results', session: 'one', from: 1, to: 2 }, { stream: 'status', session: 'one', from: 1, to: 1 });
      expect(await Promise.all(streams.map((stream) => all(outbox, stream)))).toEqual([
        ['one 2'],
        ['one 1', 'one 2'],
        ['one 1', 'one 2'],
        [],
      ]);
      await outbox.close();
    });

    it('removes exactly what is named', async () => {
      const outbox = await open();
      await add(outbox, 'results', 'one', 1, bodies(1, 6));
      await add(outbox, 'results', 'one', 7, bodies(7, 2));
      await add(outbox, 'results', 'two', 1, bodies(1, 2));
      await remove(
        outbox,
        { stream: 'results', session: 'one', from: 2, to: 4 },
        { stream: 'results', session: 'one', from: 6, to: 7 },
        { stream: 'results', session: 'two', from: 1, to: 1 },
        { stream: 'results', session: 'never seen', from: 1, to: 100 },
      );
      expect(await all(outbox)).toEqual(['one 1', 'one 5', 'one 8', 'two 2']);
      expect((await outbox.read('results', { session: 'one', seq: 1 }, 1))[0]?.body).toBe(body(5));
      expect(await count(outbox)).toBe(4);
      await remove(
        outbox,
        { stream: 'results', session: 'one', from: 1, to: 100 },
        { stream: 'results', session: 'two', from: 1, to: 100 },
      );
      expect(await count(outbox)).toBe(0);
      await outbox.close();
    });

    it('takes an entry that it has already only once', async () => {
      const outbox = await open();
      await add(outbox, 'results', 'one', 1, bodies(1, 3));
      await add(outbox, 'results', 'one', 2, ['{"other":true}', body(3), body(4)]);
      await add(outbox, 'results', 'one', 2, ['{"other":true}', body(3)]);
      expect((await outbox.read('results', undefined, 10)).map((entry) => entry.body)).toEqual(bodies(1, 4));
      expect(await count(outbox)).toBe(4);
      await outbox.close();
    });

    it('gives up results, oldest first, and then telemetry, events and status, and counts each', async () => {
      const outbox = await open();
      for (const stream of ['status', 'events', 'telemetry'] as const) await add(outbox, stream, 'one', 1, wide(600));
      await add(outbox, 'results', 'one', 1, wide(600));
      await add(outbox, 'results', 'two', 1, wide(600));
      const { bytes } = await outbox.size();
      const first = await outbox.trim(bytes * 0.75);
      expect(await count(outbox)).toBe(3000 - first.reduce((sum, { entries }) => sum + entries, 0));
      const left = await all(outbox);
      expect(left.at(-1)).toBe('two 600');
      expect(left[0]).toBe(`two ${600 - left.length + 1}`);
      expect(new Set(first.map(({ stream, session }) => `${stream} ${session}`))).toEqual(new Set(['results one', 'results two']));
      expect(await outbox.trim(bytes * 0.75)).toEqual([]);
      const second = await outbox.trim(bytes * 0.3);
      expect(new Set(second.map(({ stream }) => stream))).toEqual(new Set(['results', 'telemetry', 'events']));
      expect(await all(outbox, 'status')).toHaveLength(600);
      expect(await all(outbox, 'telemetry')).toEqual([]);
      const total = (await outbox.dropped()).reduce((sum, { entries }) => sum + entries, 0);
      expect(total).toBe(3000 - (await count(outbox)));
      await outbox.close();
    });

    it('counts what was given up elsewhere with its own, until that was told', async () => {
      const outbox = await open();
      await outbox.commit({ drops: [{ stream: 'results', session: 'one', entries: 3 }] });
      await outbox.commit({ drops: [{ stream: 'results', session: 'one', entries: 4 }] });
      await outbox.commit({ drops: [{ stream: 'events', session: 'two', entries: 1 }] });
      expect(await outbox.dropped()).toEqual([
        { stream: 'results', session: 'one', entries: 7 },
        { stream: 'events', session: 'two', entries: 1 },
      ]);
      await outbox.forgetDrops(['one']);
      expect(await outbox.dropped()).toEqual([{ stream: 'events', session: 'two', entries: 1 }]);
      await outbox.close();
    });

    it('counts right while commits overlap', async () => {
      const outbox = await open();
      const work = Array.from({ length: 20 }, (_, round) => [
        add(outbox, 'results', 'one', round * 10 + 1, bodies(1, 10)),
        remove(outbox, { stream: 'results', session: 'one', from: Math.max(round * 10 - 7, 1), to: Math.max(round * 10, 1) }),
      ]);
      await Promise.all(work.flat());
      expect(await count(outbox)).toBe((await all(outbox)).length);
      await outbox.close();
    });
  });
}

/** Text that does not deflate, 500 characters. */
function noise(seed: number): string {
  let state = seed + 1;
  let text = '';
  while (text.length < 500) {
    state = (state * 48_271) % 2_147_483_647;
    text += state.toString(36);
  }
  return text.slice(0, 500);
}
