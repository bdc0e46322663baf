/** @file The pages' queries and actions, against a real database. */

import { beforeAll, describe, expect, it } from 'vitest';
import { readCursor } from '../../src/lib/result-cursor.ts';
import { percentiles } from '../../src/lib/sketch-sum.ts';
import { giveVariant } from '../../src/server/actions/assign-variant.ts';
import { loadDevice } from '../../src/server/queries/device.ts';
import { changeFeed } from '../../src/server/queries/process-state.ts';
import { countResults, loadResults } from '../../src/server/queries/results.ts';
import { WindowCache } from '../../src/server/queries/window-cache.ts';
import { raiseChanges } from '../../src/server/services/raise-changes.ts';
import { addDevice, addResults, addVariant, addWindow, hub } from './fleet-fixture.ts';

const a = 'a'.repeat(64);
const b = 'b'.repeat(64);
const elsewhere = 'c'.repeat(64);
const minute = 60_000;
const start = 1_800_000_000_000 - (1_800_000_000_000 % minute);

beforeAll(async () => {
  await addVariant(a);
  await addVariant(b, { alpha: 1, rho: 224 });
  await addVariant(elsewhere, { alpha: 0.25, rho: 128, stored: false });
});

describe('WindowCache', () => {
  const cache = new WindowCache();
  let session = 0;
  beforeAll(async () => {
    session = await addDevice('belt-1');
    const other = await addDevice('belt-2');
    await addWindow({ sessionId: session, seq: 1, deviceId: 'belt-1', variantId: a, start, ms: Array(990).fill(5) });
    await addWindow({ sessionId: session, seq: 2, deviceId: 'belt-1', variantId: a, start: start + 10_000, ms: Array(10).fill(100) });
    await addWindow({ sessionId: session, seq: 3, deviceId: 'belt-1', variantId: b, start: start + 20_000, ms: [9, 9] });
    await addWindow({ sessionId: session, seq: 4, deviceId: 'belt-1', variantId: b, start: start + 3 * minute, ms: [9] });
    await addWindow({ sessionId: other, seq: 1, deviceId: 'belt-2', variantId: a, start, ms: [7] });
  });
  const read = (deviceId: string | null, from = start) => cache.read(hub(), { deviceId, bucketMs: minute, from });

  it('merges the windows of a bucket per variant, as if they were one', async () => {
    const cells = await read('belt-1');
    expect(cells.map(({ variantId, classified }) => [variantId[0], classified])).toEqual([
      ['a', 1000],
      ['b', 2],
      ['b', 1],
    ]);
    expect(percentiles([cells[0]!.total])?.p95).toBeCloseTo(5, 0);
    expect(cells[0]).toMatchObject({ start, end: start + 20_000 });
    expect(cells[0]!.stages.inference).toEqual({ sum: 990 * 5 + 10 * 100, count: 1000 });
  });
  it('opens a bucket again when a window arrives late from an outbox', async () => {
    await read('belt-1');
    await addWindow({ sessionId: session, seq: 5, deviceId: 'belt-1', variantId: b, start: start + 30_000, ms: [9, 9, 9] });
    const cells = await read('belt-1');
    expect(cells.map(({ classified }) => classified)).toEqual([1000, 5, 1]);
  });
  it('forgets what has left the range, and finds it again when asked for more', async () => {
    expect((await read('belt-1', start + 2 * minute)).map(({ classified }) => classified)).toEqual([1]);
    expect(await read('belt-1')).toHaveLength(3);
  });
  it('keeps devices apart when all are read', async () => {
    const cells = await read(null);
    expect(cells.filter(({ deviceId }) => deviceId === 'belt-2').map(({ classified }) => classified)).toEqual([1]);
    expect(cells.filter(({ deviceId }) => deviceId === 'belt-1')).toHaveLength(3);
  });
});

describe('loadResults', () => {
  let session = 0;
  beforeAll(async () => {
    session = await addDevice('results-1');
    await addResults('results-1', session, a, 1, 120);
  });
  const seqs = async (cursor?: string) => {
    const page = await loadResults('results-1', 50, readCursor(cursor));
    return { ...page, seqs: page.rows.map(({ seq }) => seq) };
  };
  const countDown = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, index) => from - index);

  it('walks to the oldest and back without losing or repeating one, while new results arrive', async () => {
    const first = await seqs();
    expect(first.seqs).toEqual(countDown(120, 71));
    expect(first.newer).toBeNull();
    await addResults('results-1', session, b, 121, 140);
    const second = await seqs(first.older!);
    expect(second.seqs).toEqual(countDown(70, 21));
    const third = await seqs(second.older!);
    expect(third.seqs).toEqual(countDown(20, 1));
    expect(third.older).toBeNull();
    expect((await seqs(third.newer!)).seqs).toEqual(countDown(70, 21));
    expect((await seqs(first.newer ?? (await seqs(second.newer!)).newer!)).seqs).toEqual(countDown(140, 121));
  });
  it('says which variant produced each result', async () => {
    const { rows } = await loadResults('results-1', 50);
    expect(rows[0]?.variant?.name).toBe('V1 1.0×224');
    expect(rows[20]?.variant?.name).toBe('V1 0.5×160');
    expect(rows[0]?.at).toBe(1_800_000_000_000 + 140 * 100);
  });
  it('counts what is kept, also after the oldest were let go', async () => {
    expect(await countResults('results-1')).toBe(140);
    await hub().result.deleteMany({ where: { sessionId: session, seq: { lte: 40 } } });
    expect(await countResults('results-1')).toBe(100);
    expect(await countResults('nobody')).toBe(0);
  });
  it('takes a damaged place in the address for the newest page', () => {
    expect(readCursor('older.1.2')).toBeUndefined();
    expect(readCursor("older.1.2.3'--")).toBeUndefined();
    expect(readCursor(['older.1.2.3'])).toBeUndefined();
    expect(readCursor('older.1.2.3')).toEqual({ direction: 'older', at: 1, sessionId: 2, seq: 3 });
  });
});

describe('giveVariant', () => {
  beforeAll(async () => {
    await addDevice('target-1');
  });

  it('writes what the device is to be, and the pages hear of it', async () => {
    const heard: string[] = [];
    const end = changeFeed().subscribe((topics) => heard.push(...topics));
    // The feed's first read only takes the measure: until that is done, nothing is news.
    await expect
      .poll(async () => {
        await raiseChanges(hub(), ['fleet']);
        return heard;
      })
      .toContain('fleet');
    expect(await giveVariant({ deviceIds: ['target-1'], variantId: b })).toMatchObject({ ok: true });
    await expect.poll(() => heard).toContain('device:target-1');
    end();
    const facts = await loadDevice('target-1', '15m');
    expect(facts?.device.desired?.name).toBe('V1 1.0×224');
    expect(facts?.device.desiredRevision).toBe(1);
  });
  it.each([
    ['no device', { deviceIds: [], variantId: b }, 'Not done: choose a device.'],
    ['a name that is none', { deviceIds: ['../etc'], variantId: b }, /^Not done: a device id is /],
    ['a digest that is none', { deviceIds: ['target-1'], variantId: 'latest' }, /^Not done: a SHA-256 is /],
    ['a device never heard of', { deviceIds: ['nobody'], variantId: b }, /^Not done: device nobody: never heard of/],
    [
      'a variant that only a device holds',
      { deviceIds: ['target-1'], variantId: elsewhere },
      /^Not done: variant cccc.*not in the registry/,
    ],
    ['something else altogether', 'give it all', /^Not done: /],
  ])('refuses %s in one sentence and changes nothing', async (_, input, message) => {
    const before = await hub().device.findUniqueOrThrow({ where: { id: 'target-1' } });
    expect(await giveVariant(input)).toEqual({ ok: false, message: expect.stringMatching(message) });
    expect(await hub().device.findUniqueOrThrow({ where: { id: 'target-1' } })).toEqual(before);
  });
});
