/** @file What the fleet measures of a variant adds up to what a recomputation from every single frame gives. */
import { LatencySketch } from '@alpharho/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { foldMeasures } from '../src/hub/fold-measures.ts';
import { readMeasured } from '../src/server/measures/read-measured.ts';
import { createDatabase, type TestDatabase } from './support/files.ts';

const variantId = 'a'.repeat(64);
const start = Date.UTC(2026, 0, 10);
const never = new AbortController().signal;

let database: TestDatabase;
let random: () => number;

beforeEach(async () => {
  database = await createDatabase();
  const { db } = database;
  const variant = { family: 'v1', alpha: 0.5, rho: 160, precision: 'float32', classes: 3, weights: 'trained', bytes: 1000 };
  await db.variant.create({ data: { id: variantId, ...variant } });
  const boards = { a: 'Raspberry Pi 4', b: 'Raspberry Pi 4', c: 'Jetson Orin Nano' };
  for (const [id, hardwareClass] of Object.entries(boards)) {
    await db.device.create({ data: { id, hardwareClass, sessions: { create: { session: id, startedAt: new Date(start) } } } });
  }
  let seed = 7;
  random = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
});
afterEach(() => database.close());

type Frames = { deviceId: string; seq: number; at: number; ms: number[]; rho?: number; memory?: number; variant?: string };

async function addWindow({ deviceId, seq, at, ms, rho, memory = 100, variant = variantId }: Frames): Promise<void> {
  const sketch = new LatencySketch();
  for (const value of ms) sketch.record(value);
  const { id } = await database.db.session.findFirstOrThrow({ where: { deviceId } });
  const counts = { captured: ms.length + 1, classified: ms.length, dropped: 1, outbox: 0, memoryBytes: BigInt(memory) };
  const latency = JSON.stringify({ total: sketch.toWire() });
  const times = { start: new Date(at), end: new Date(at + 10_000) };
  await database.db.telemetryWindow.create({
    data: { sessionId: id, seq, deviceId, variantId: variant, ...times, ...counts, rho, latency },
  });
}

const frames = (count: number, around: number) => Array.from({ length: count }, () => around * (0.5 + random()));
const read = () => readMeasured(database.db, { now: start + 2 * 86_400_000 });

it('percentiles of a class of hardware are those of all its frames, whatever the portions in which they came', async () => {
  const pi: number[] = [];
  for (let seq = 1; seq <= 40; seq += 1) {
    const ms = frames(1 + Math.floor(random() * 90), seq % 2 === 0 ? 20 : 45);
    pi.push(...ms);
    await addWindow({ deviceId: seq % 2 === 0 ? 'a' : 'b', seq, at: start + seq * 3_600_000, ms, memory: 100 + seq });
    if (seq % 7 === 0) await foldMeasures(database.db, never);
  }
  const orin = frames(200, 4);
  await addWindow({ deviceId: 'c', seq: 1, at: start, ms: orin });
  await foldMeasures(database.db, never);
  expect(await foldMeasures(database.db, never)).toBe(0);

  const exact = (values: number[], q: number) => {
    const sketch = new LatencySketch();
    for (const value of values) sketch.record(value);
    return sketch.quantile(q);
  };
  const [onOrin, onPi, ...rest] = await read();
  expect(rest).toEqual([]);
  expect(onPi).toMatchObject({
    hardwareClass: 'Raspberry Pi 4',
    rho: 160,
    devices: 2,
    frames: pi.length,
    memoryMostBytes: 140,
    memoryBytes: 120.5,
  });
  expect([onPi?.p50, onPi?.p95, onPi?.p99]).toEqual([0.5, 0.95, 0.99].map((q) => exact(pi, q)));
  expect(onPi?.fps).toBeCloseTo(pi.length / 400, 10);
  expect(onOrin).toMatchObject({ hardwareClass: 'Jetson Orin Nano', devices: 1, frames: 200, p95: exact(orin, 0.95) });
  // Within the sketch's own 1 % of the very order statistic.
  const p95 = pi.toSorted((a, b) => a - b)[Math.ceil(0.95 * pi.length) - 1]!;
  expect(Math.abs((onPi?.p95 ?? 0) / p95 - 1)).toBeLessThan(0.021);
});

it('keeps resolutions of one file apart, and passes over windows without frames and of variants nobody knows', async () => {
  await addWindow({ deviceId: 'a', seq: 1, at: start, ms: frames(50, 40) });
  await addWindow({ deviceId: 'a', seq: 2, at: start, ms: frames(50, 10), rho: 96 });
  await addWindow({ deviceId: 'a', seq: 3, at: start, ms: [] });
  await addWindow({ deviceId: 'a', seq: 4, at: start, ms: frames(5, 10), variant: 'b'.repeat(64) });
  expect(await foldMeasures(database.db, never)).toBe(4);
  expect((await read()).map(({ rho, frames: n }) => [rho, n])).toEqual([
    [96, 50],
    [160, 50],
  ]);
});

it('goes on from where it was after a hub that was killed, and forgets what is older than it is asked for', async () => {
  await addWindow({ deviceId: 'a', seq: 1, at: start - 40 * 86_400_000, ms: frames(50, 40) });
  await addWindow({ deviceId: 'a', seq: 2, at: start, ms: frames(30, 40) });
  await Promise.all([foldMeasures(database.db, never), foldMeasures(database.db, never)].map((round) => round.catch(() => 0)));
  await foldMeasures(database.db, never);
  expect((await read()).map(({ frames: n }) => n)).toEqual([30]);
});
