import { AlpharhoError } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { rememberedLog } from '../../test/support/logs.ts';
import { MemoryOutbox } from '../../test/support/memory-outbox.ts';
import type { FrameResult } from '../domain/frames.ts';
import { Spool } from './spool.ts';

const full = new AlpharhoError('disk_full', 'outbox.db: the disk is full');

async function newSpool(maxBytes = 1e9) {
  const clock = new FakeClock();
  const outbox = new MemoryOutbox();
  const log = rememberedLog();
  const faults: (string | undefined)[] = [];
  const spool = new Spool({
    outbox,
    session: 'now',
    maxBytes,
    clock,
    log,
    onFault: (fault) => faults.push(fault?.code),
    onStored: () => undefined,
  });
  await spool.start();
  const seqs = async (limit = 100_000) => (await spool.read('results', undefined, limit)).map(({ seq }) => seq);
  return { clock, outbox, log, faults, spool, seqs };
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
  it('has every result on disk within a second', async () => {
    const { clock, outbox, spool } = await newSpool();
    add(spool, 1, 3);
    expect(await outbox.read('results', undefined, 10)).toEqual([]);
    await clock.advance(1000);
    expect((await outbox.read('results', undefined, 10)).map(({ session, seq }) => `${session} ${seq}`)).toEqual([
      'now 1',
      'now 2',
      'now 3',
    ]);
  });

  it('does not wait for the second where results come fast', async () => {
    const { clock, spool, seqs } = await newSpool();
    add(spool, 1, 1000);
    await clock.advance(1);
    expect(await seqs()).toEqual(range(1, 1000));
  });

  it('numbers results and windows each by themselves', async () => {
    const { clock, spool } = await newSpool();
    spool.add('telemetry', (seq) => JSON.stringify({ seq }));
    add(spool, 1, 1);
    spool.add('telemetry', (seq) => JSON.stringify({ seq }));
    await clock.advance(1000);
    expect((await spool.read('telemetry', undefined, 10)).map(({ body }) => body)).toEqual(['{"seq":1}', '{"seq":2}']);
  });

  it('loses nothing to a full disk: results wait in memory, can be read there, and are written when there is room', async () => {
    const { clock, outbox, spool, faults, seqs, log } = await newSpool();
    add(spool, 1, 2);
    await clock.advance(1000);
    outbox.writeFault = full;
    add(spool, 3, 5);
    await clock.advance(3000);
    expect(await seqs()).toEqual([1, 2, 3, 4, 5]);
    expect((await spool.read('results', { session: 'now', seq: 3 }, 10)).map(({ seq }) => seq)).toEqual([4, 5]);
    expect(spool.depth).toBe(5);
    expect(new Set(faults)).toEqual(new Set(['disk_full']));
    expect(log.lines.filter((line) => line.startsWith('error'))).toHaveLength(1);
    outbox.writeFault = undefined;
    await clock.advance(1000);
    expect(faults.at(-1)).toBeUndefined();
    expect((await outbox.read('results', undefined, 10)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
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

  it('drops the oldest at the limit, says so once, and says when there is room again', async () => {
    const { clock, outbox, spool, faults, log, seqs } = await newSpool(2000);
    add(spool, 1, 200);
    await clock.advance(2000);
    const left = await seqs();
    expect(left.length).toBeGreaterThan(0);
    expect(left.length).toBeLessThan(20);
    expect(left.at(-1)).toBe(200);
    add(spool, 201, 300);
    await clock.advance(2000);
    expect(faults).toEqual(['outbox_full']);
    await outbox.remove([{ stream: 'results', session: 'now', from: 1, to: 300 }]);
    await clock.advance(1000);
    expect(faults).toEqual(['outbox_full', undefined]);
    expect(log.lines.at(-1)).toMatch(/^warn .*room again; 2\d\d results were dropped/);
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
    add(spool, 1, 3);
    await spool.stop();
    await spool.remove([{ stream: 'results', session: 'now', from: 1, to: 3 }]);
    expect(await outbox.read('results', undefined, 10)).toHaveLength(3);
  });
});
