import type { Prisma } from '@alpharho/db';
import { LatencySketch } from '@alpharho/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../../../../test/support/files.ts';
import { GateWindows } from './load-windows.ts';

const minute = 60_000;
const begin = 1_800_000_000_000;
let database: TestDatabase;
let sessions: Map<string, number>;

beforeEach(async () => {
  database = await createDatabase();
  sessions = new Map();
  for (const id of ['a', 'b', 'other']) {
    await database.db.device.create({ data: { id, sessions: { create: { session: `session-${id}`, startedAt: new Date(begin) } } } });
    sessions.set(id, (await database.db.session.findFirstOrThrow({ where: { deviceId: id } })).id);
  }
});
afterEach(() => database.close());

let seq = 0;
/** A window of ten seconds. */
async function add(deviceId: string, at: number, more: Partial<Prisma.TelemetryWindowUncheckedCreateInput> = {}, ms = 10): Promise<void> {
  const latency = new LatencySketch();
  for (let frame = 0; frame < 50; frame += 1) latency.record(ms);
  seq += 1;
  const data = {
    sessionId: sessions.get(deviceId) as number,
    seq,
    deviceId,
    variantId: 'v1',
    start: new Date(at),
    end: new Date(at + 10_000),
    captured: 55,
    classified: 50,
    dropped: 5,
    failed: 1,
    latency: JSON.stringify({ inference: latency.toWire(), total: latency.toWire() }),
    answers: JSON.stringify({
      n: 50,
      confidence: { sum: 40, squares: 33 },
      classes: [
        [3, 30],
        [7, 20],
      ],
    }),
    outbox: 0,
    memoryBytes: 1,
    ...more,
  };
  await database.db.telemetryWindow.create({ data });
}

const span = { devices: ['a', 'b'], spans: [{ from: begin, to: begin + 30 * minute }] };

describe('windows of a gate', () => {
  it('are added up to minutes, exactly', async () => {
    for (let at = begin; at < begin + 2 * minute; at += 10_000) await add('a', at, {}, at < begin + 30_000 ? 10 : 20);
    const windows = await new GateWindows().read(database.db, span);
    expect(
      windows.map(({ start, end, captured, classified, dropped, failed }) => [
        start - begin,
        end - start,
        captured,
        classified,
        dropped,
        failed,
      ]),
    ).toEqual([
      [0, minute, 330, 300, 30, 6],
      [minute, minute, 330, 300, 30, 6],
    ]);
    expect(windows[0]?.answers).toEqual({
      n: 300,
      confidence: { sum: 240, squares: 198 },
      classes: [
        [3, 180],
        [7, 120],
      ],
    });
    const sketch = LatencySketch.fromWire(windows[0]?.latency ?? { sum: 0, min: 0, max: 0, first: 0, bins: [] });
    expect([sketch.count, sketch.mean, sketch.max]).toEqual([300, 15, 20]);
  });

  it('stay apart by device, variant, setting and throttling, and leave out others', async () => {
    await add('a', begin);
    await add('a', begin + 10_000, { variantId: 'v2' });
    await add('a', begin + 20_000, { rho: 160 });
    await add('a', begin + 30_000, { rate: 2 });
    await add('a', begin + 40_000, { throttled: '["throttled"]' });
    await add('a', begin + 50_000, { throttled: '[]' });
    await add('b', begin, { failed: null, answers: null });
    await add('other', begin);
    await add('a', begin - minute);
    await add('a', begin + 30 * minute);
    const windows = await new GateWindows().read(database.db, span);
    expect(
      windows.map(({ device, variant, rho, rate, throttled, classified, failed }) => [
        device,
        variant,
        rho,
        rate,
        throttled,
        classified,
        failed,
      ]),
    ).toEqual([
      ['a', 'v1', null, null, false, 100, 2],
      ['a', 'v2', null, null, false, 50, 1],
      ['a', 'v1', 160, null, false, 50, 1],
      ['a', 'v1', null, 2, false, 50, 1],
      ['a', 'v1', null, null, true, 50, 1],
      ['b', 'v1', null, null, false, 50, null],
    ]);
  });

  it('that come later are seen at the next look, also those of long ago, and the rest is not read again', async () => {
    await add('a', begin);
    await add('a', begin + 20 * minute);
    const gate = new GateWindows();
    const [kept] = await gate.read(database.db, span);
    await add('a', begin + 20 * minute + 10_000);
    await add('a', begin + 11 * minute);
    const windows = await gate.read(database.db, span);
    expect(windows.map(({ start, classified }) => [(start - begin) / minute, classified])).toEqual([
      [0, 50],
      [11, 50],
      [20, 100],
    ]);
    expect(windows[0]).toBe(kept);
  });

  it('of a device that joins are read, and of one that leaves forgotten', async () => {
    await add('a', begin);
    await add('b', begin);
    const gate = new GateWindows();
    expect((await gate.read(database.db, { ...span, devices: ['a'] })).map(({ device }) => device)).toEqual(['a']);
    expect((await gate.read(database.db, { ...span, devices: ['b'] })).map(({ device }) => device)).toEqual(['b']);
    expect(await gate.read(database.db, { ...span, devices: [] })).toEqual([]);
  });

  it('of many hours are read in small bites, so that the hub goes on with the rest in between', async () => {
    for (let chunk = 0; chunk < 60; chunk += 1) await add('a', begin + chunk * 10 * minute);
    let turns = 0;
    let counting = setImmediate(function count() {
      turns += 1;
      counting = setImmediate(count);
    });
    const windows = await new GateWindows().read(database.db, { devices: ['a'], spans: [{ from: begin, to: begin + 600 * minute }] });
    clearImmediate(counting);
    expect(windows).toHaveLength(60);
    expect(turns).toBeGreaterThanOrEqual(6);
  });

  it('are found by the index', async () => {
    const plan = await database.db.$queryRawUnsafe<{ detail: string }[]>(
      `EXPLAIN QUERY PLAN SELECT COUNT(*) FROM json_each('["a"]') d CROSS JOIN TelemetryWindow w ON w.deviceId = d.value WHERE w.start >= 1 AND w.start < 2`,
    );
    expect(plan.map(({ detail }) => detail).join('\n')).toMatch(/SEARCH w USING COVERING INDEX .*deviceId=\? AND start>\? AND start<\?/);
  });
});
