import { AlpharhoError } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { rememberedLog } from '../../test/support/logs.ts';
import { MemoryOutbox } from '../../test/support/memory-outbox.ts';
import type { AgentEvent } from '../domain/events.ts';
import type { FrameResult } from '../domain/frames.ts';
import { Spool } from './spool.ts';

const full = new AlpharhoError('disk_full', 'outbox.db: the disk is full');

async function newSpool(maxBytes = 1e9, outbox = new MemoryOutbox()) {
  const clock = new FakeClock();
  const log = rememberedLog();
  const faults: (string | undefined)[] = [];
  const events: AgentEvent[] = [];
  let ready = 0;
  const spool = new Spool({
    outbox,
    session: 'now',
    maxBytes,
    clock,
    log,
    emit: (event) => void events.push(event),
    onFault: (fault) => faults.push(fault?.code),
    onReady: () => {
      ready += 1;
    },
  });
  await spool.start();
  await clock.advance(0);
  const seqs = async (limit = 100_000) => (await spool.read('results', undefined, limit)).map(({ seq }) => seq);
  const stored = async () => (await outbox.read('results', undefined, 100_000)).map(({ seq }) => seq);
  const ids = () => events.map(({ id }) => id);
  return { clock, outbox, log, faults, events, ids, spool, seqs, stored, readies: () => ready };
}

const result = (frame: number): FrameResult => ({
  frame,
  at: frame,
  ms: 1,
  stages: { preprocess: 0, inference: 1, postprocess: 0 },
  variant: 'a'.repeat(64),
  top: [{ class: 0, label: 'x', probability: 1 }],
});
const add = (spool: Spool, from: number, to: number) => {
  for (let frame = from; frame <= to; frame += 1) spool.addResult(result(frame));
};
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('the spool', () => {
  it('has every result on disk within a second while the hub is away', async () => {
    const { clock, outbox, spool, stored } = await newSpool();
    add(spool, 1, 3);
    expect(await stored()).toEqual([]);
    await clock.advance(1000);
    expect(await stored()).toEqual([1, 2, 3]);
    add(spool, 4, 5);
    await clock.advance(1000);
    expect(outbox.commits).toBe(2);
  });

  it('never touches the disk while the hub acknowledges within a second', async () => {
    const { clock, outbox, spool, seqs } = await newSpool();
    spool.up();
    for (let from = 1; from < 1000; from += 10) {
      add(spool, from, from + 9);
      await clock.advance(1000);
      expect(await seqs()).toEqual(range(from, from + 9));
      await spool.remove([{ stream: 'results', session: 'now', from, to: from + 9 }]);
    }
    expect(outbox.commits).toBe(0);
    expect(spool.depth).toBe(0);
  });

  it('writes what the hub has not acknowledged a second after it was offered, and what comes after that', async () => {
    const { clock, spool, stored, seqs } = await newSpool();
    spool.up();
    add(spool, 1, 10);
    await clock.advance(1000);
    expect(await stored()).toEqual([]);
    add(spool, 11, 20);
    await clock.advance(1000);
    expect(await stored()).toEqual(range(1, 20));
    add(spool, 21, 30);
    await clock.advance(1000);
    expect(await stored()).toEqual(range(1, 30));
    expect(await seqs()).toEqual(range(1, 30));
    await spool.remove([{ stream: 'results', session: 'now', from: 1, to: 30 }]);
    add(spool, 31, 40);
    await clock.advance(1000);
    // The hub answers again: memory will do.
    expect(await stored()).toEqual([]);
    expect(await seqs()).toEqual(range(31, 40));
  });

  it('writes at once when the connection breaks', async () => {
    const { clock, spool, stored } = await newSpool();
    spool.up();
    add(spool, 1, 3);
    spool.down();
    await clock.advance(0);
    expect(await stored()).toEqual([1, 2, 3]);
  });

  it('is read without a gap while entries move from memory to the disk', async () => {
    const { clock, outbox, spool, seqs, stored } = await newSpool();
    let goOn = (): void => undefined;
    add(spool, 1, 3);
    outbox.slowly = new Promise((resolve) => {
      goOn = resolve;
    });
    void spool.flush();
    await clock.advance(0);
    add(spool, 4, 5);
    expect(await seqs()).toEqual([1, 2, 3, 4, 5]);
    goOn();
    await clock.advance(0);
    expect(await seqs()).toEqual([1, 2, 3, 4, 5]);
    expect((await stored()).slice(0, 3)).toEqual([1, 2, 3]);
  });

  it('offers early where results come fast', async () => {
    const { spool, seqs, readies } = await newSpool();
    spool.up();
    const before = readies();
    add(spool, 1, 1000);
    expect(readies()).toBe(before + 1);
    expect(await seqs()).toEqual(range(1, 1000));
  });

  it('offers events at once, and numbers each stream by itself', async () => {
    const { spool, readies } = await newSpool();
    spool.up();
    const before = readies();
    spool.add('events', (seq) => JSON.stringify({ seq }));
    expect(readies()).toBe(before + 1);
    add(spool, 1, 1);
    spool.add('events', (seq) => JSON.stringify({ seq }));
    spool.add('status', (seq) => JSON.stringify({ seq }));
    expect((await spool.read('events', undefined, 10)).map(({ body }) => body)).toEqual(['{"seq":1}', '{"seq":2}']);
    expect((await spool.read('status', undefined, 10)).map(({ body }) => body)).toEqual(['{"seq":1}']);
  });

  it('loses nothing to a full disk: results wait in memory, can be read there, and are written when there is room', async () => {
    const { clock, outbox, spool, faults, ids, seqs, stored } = await newSpool();
    add(spool, 1, 2);
    await clock.advance(1000);
    outbox.writeFault = full;
    add(spool, 3, 5);
    await clock.advance(3000);
    expect(await seqs()).toEqual([1, 2, 3, 4, 5]);
    expect((await spool.read('results', { session: 'now', seq: 3 }, 10)).map(({ seq }) => seq)).toEqual([4, 5]);
    expect(spool.depth).toBe(5);
    expect(new Set(faults)).toEqual(new Set(['disk_full']));
    expect(ids()).toEqual(['outbox.unwritable']);
    outbox.writeFault = undefined;
    await clock.advance(1000);
    expect(faults.at(-1)).toBeUndefined();
    expect(ids()).toEqual(['outbox.unwritable', 'outbox.recovered']);
    expect(await stored()).toEqual([1, 2, 3, 4, 5]);
  });

  it('finds out that the disk takes writes again also while the hub takes everything', async () => {
    const { clock, outbox, spool, faults } = await newSpool();
    outbox.writeFault = full;
    add(spool, 1, 5);
    await clock.advance(1000);
    spool.up();
    await spool.remove([{ stream: 'results', session: 'now', from: 1, to: 5 }]);
    outbox.writeFault = undefined;
    add(spool, 6, 7);
    await clock.advance(1000);
    expect(faults.at(-1)).toBeUndefined();
  });

  it('goes on without any disk at all, and forgets what the hub has', async () => {
    const { clock, outbox, spool, seqs } = await newSpool();
    outbox.fault = new AlpharhoError('disk_read_only', 'outbox.db cannot be written');
    add(spool, 1, 5);
    await clock.advance(1000);
    expect(await seqs()).toEqual([1, 2, 3, 4, 5]);
    await spool.remove([{ stream: 'results', session: 'now', from: 1, to: 3 }]);
    expect(await seqs()).toEqual([4, 5]);
  });

  it('keeps what lies before an acknowledged range', async () => {
    const { clock, outbox, spool, seqs } = await newSpool();
    outbox.fault = full;
    add(spool, 1, 6);
    await clock.advance(1000);
    await spool.remove([{ stream: 'results', session: 'now', from: 4, to: 6 }]);
    expect((await seqs()).slice(0, 3)).toEqual([1, 2, 3]);
  });

  it('does not take a readable disk for a writable one', async () => {
    const { clock, outbox, spool, faults } = await newSpool();
    outbox.writeFault = full;
    add(spool, 1, 1);
    await clock.advance(1000);
    await spool.remove([{ stream: 'results', session: 'now', from: 1, to: 1 }]);
    await clock.advance(5000);
    expect(faults).not.toContain(undefined);
  });

  it('removes an acknowledged range later where the disk does not take it now', async () => {
    const { clock, outbox, spool, seqs } = await newSpool();
    add(spool, 1, 4);
    await clock.advance(1000);
    outbox.writeFault = full;
    await spool.remove([{ stream: 'results', session: 'now', from: 1, to: 2 }]);
    outbox.writeFault = undefined;
    await clock.advance(1000);
    expect(await seqs()).toEqual([3, 4]);
  });

  it('drops the oldest at the limit, counts each, says so, and says when there is room again', async () => {
    const { clock, outbox, spool, faults, events, ids, seqs } = await newSpool(2000);
    add(spool, 1, 200);
    await clock.advance(2000);
    const left = await seqs();
    expect(left.length).toBeGreaterThan(0);
    expect(left.length).toBeLessThan(20);
    expect(left.at(-1)).toBe(200);
    expect(spool.dropped).toEqual({ results: 200 - left.length });
    add(spool, 201, 300);
    await clock.advance(2000);
    expect(faults).toEqual(['outbox_full']);
    const dropped = 300 - (await seqs()).length;
    await outbox.commit({ remove: [{ stream: 'results', session: 'now', from: 1, to: 300 }] });
    add(spool, 301, 301);
    await clock.advance(1000);
    expect(faults).toEqual(['outbox_full', undefined]);
    expect(ids()).toEqual(['outbox.dropped', 'outbox.recovered', 'outbox.dropped']);
    expect(events.at(-1)?.detail).toEqual({ session: 'now', results: dropped });
    expect(spool.dropped).toEqual({ results: dropped });
  });

  it('tells of drops that go on once a minute, with all of them so far', async () => {
    const { clock, spool, events } = await newSpool(2000);
    for (let from = 1; from <= 6000; from += 50) {
      add(spool, from, from + 49);
      await clock.advance(1000);
    }
    const told = events.filter(({ id }) => id === 'outbox.dropped').map(({ detail }) => Number(detail?.results));
    expect(told).toHaveLength(2);
    expect(told[1]).toBeGreaterThan(2500);
  });

  it('holds no more in memory than it may where the disk hangs, drops the oldest of it, and counts right', async () => {
    const { clock, outbox, spool, seqs } = await newSpool();
    outbox.slowly = new Promise(() => undefined);
    add(spool, 1, 10);
    await clock.advance(1000);
    spool.add('events', () => JSON.stringify({ fill: 'x'.repeat(20_000_000) }));
    add(spool, 11, 40_000);
    const dropped = spool.dropped.results ?? 0;
    expect(dropped).toBeGreaterThan(1000);
    const left = await seqs();
    // The ten that are being written are not lost, whatever comes after them.
    expect(left.slice(0, 10)).toEqual(range(1, 10));
    expect(left).toHaveLength(40_000 - dropped);
    expect(left.at(-1)).toBe(40_000);
    expect((await spool.read('events', undefined, 10)).length).toBe(1);
  });

  it('tells after a restart what the process before gave up and did not live to tell', async () => {
    const outbox = new MemoryOutbox();
    await outbox.commit({ drops: [{ stream: 'results', session: 'before', entries: 7 }] });
    const { clock, spool, events } = await newSpool(1e9, outbox);
    expect(events).toEqual([expect.objectContaining({ id: 'outbox.dropped', detail: { session: 'before', results: 7 } })]);
    expect(spool.dropped).toEqual({});
    await clock.advance(1000);
    expect(await outbox.dropped()).toEqual([]);
  });

  it('says what was lost with a damaged file, and counts it', async () => {
    const { clock, outbox, spool, events, seqs } = await newSpool();
    add(spool, 1, 30);
    await clock.advance(1000);
    outbox.damage();
    expect(events.map(({ id, detail }) => [id, detail])).toEqual([
      ['outbox.damaged', { entries: 30 }],
      ['outbox.dropped', { session: 'now', results: 30 }],
    ]);
    add(spool, 31, 32);
    await clock.advance(1000);
    expect(await seqs()).toEqual([31, 32]);
    expect(spool.dropped).toEqual({ results: 30 });
  });

  it('remembers what the hub has as one range, however long the disk takes no writes', async () => {
    const { clock, outbox, spool } = await newSpool();
    spool.up();
    outbox.writeFault = full;
    add(spool, 1, 10);
    await clock.advance(2000);
    for (let from = 11; from <= 1000; from += 10) {
      add(spool, from, from + 9);
      await spool.remove([{ stream: 'results', session: 'now', from, to: from + 9 }]);
    }
    const removed: unknown[] = [];
    const commit = outbox.commit.bind(outbox);
    outbox.commit = (change) => {
      removed.push(change.remove);
      return commit(change);
    };
    outbox.writeFault = undefined;
    await clock.advance(1000);
    expect(removed).toEqual([[{ stream: 'results', session: 'now', from: 11, to: 1000 }]]);
  });

  it('tells when the hub has everything', async () => {
    const { clock, spool } = await newSpool();
    await spool.drained();
    add(spool, 1, 2);
    await clock.advance(1000);
    let drained = false;
    void spool.drained().then(() => {
      drained = true;
    });
    await spool.remove([{ stream: 'results', session: 'now', from: 1, to: 1 }]);
    await clock.advance(0);
    expect(drained).toBe(false);
    await spool.remove([{ stream: 'results', session: 'now', from: 2, to: 2 }]);
    await clock.advance(0);
    expect(drained).toBe(true);
  });

  it('writes what is left when it stops, and leaves the outbox alone from then on', async () => {
    const { outbox, spool } = await newSpool();
    spool.up();
    add(spool, 1, 3);
    await spool.stop();
    await spool.remove([{ stream: 'results', session: 'now', from: 1, to: 3 }]);
    expect(await outbox.read('results', undefined, 10)).toHaveLength(3);
  });
});
