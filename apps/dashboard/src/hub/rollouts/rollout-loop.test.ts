import { join } from 'node:path';
import type { Prisma } from '@alpharho/db';
import { LatencySketch } from '@alpharho/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, type TestDatabase, variantFile } from '../../../test/support/files.ts';
import { openRegistry } from '../../server/registry.ts';
import { type RolloutDetail, readRollout, readRolloutEvents } from '../../server/rollouts/store/read.ts';
import { addVariant } from '../../server/services/add-variant.ts';
import { createRollout } from '../../server/services/create-rollout.ts';
import { raiseChanges } from '../../server/services/raise-changes.ts';
import { startRollout } from '../../server/services/start-rollout.ts';
import { steerRollout } from '../../server/services/steer-rollout.ts';
import { RolloutLoop } from './rollout-loop.ts';

const minute = 60_000;
const ids = ['cam-1', 'cam-2', 'cam-3', 'cam-4', 'cam-5', 'cam-6'];
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

let database: TestDatabase;
let loop: RolloutLoop;
let now: number;
let variants: string[];
let sessions: Record<string, number>;
/** Milliseconds of a frame by variant. */
let cost: Record<string, number>;
let seq: number;

beforeEach(async () => {
  database = await createDatabase();
  now = 1_800_000_000_000;
  seq = 0;
  const registry = await openRegistry(database.db, { dataDir: join(database.folder, 'data') });
  variants = [];
  for (const seed of [1, 2]) variants.push((await addVariant(registry, variantFile(seed))).id);
  cost = Object.fromEntries(variants.map((id) => [id, 10]));
  sessions = {};
  for (const id of ids) {
    const known = { id, hardwareClass: 'Pi 4', presence: 'online', phase: 'committed', servingId: variants[0] };
    await database.db.device.create({ data: { ...known, sessions: { create: { session: `session-${id}`, startedAt: new Date(now) } } } });
    sessions[id] = (await database.db.session.findFirstOrThrow({ where: { deviceId: id } })).id;
  }
  loop = newLoop();
});
afterEach(() => database.close());

const newLoop = () => new RolloutLoop({ db: database.db, clock: () => now, logger: silent });
const never = new AbortController().signal;
const read = async (id: string): Promise<RolloutDetail> => {
  const found = await readRollout(database.db, id, now);
  if (found === null) throw new Error('no rollout');
  return found;
};

/** Every device does what it is told, at once. */
async function devicesFollow(): Promise<void> {
  for (const { id, desiredId, desiredRevision, seenRevision } of await database.db.device.findMany()) {
    if (desiredId === null || desiredRevision <= seenRevision) continue;
    const done = { phase: 'committed', outcome: 'ok', seenRevision: desiredRevision, servingId: desiredId, servingSince: new Date(now) };
    await database.db.device.update({ where: { id }, data: done });
  }
  await raiseChanges(database.db, ['updates']);
}

/** What every device measured in a minute that began at `start`: by its own pace, with a little that differs. */
async function measure(start: number): Promise<void> {
  const devices = await database.db.device.findMany({ orderBy: { id: 'asc' } });
  const rows = devices.map(({ id, servingId }, index): Prisma.TelemetryWindowCreateManyInput => {
    seq += 1;
    const sketch = new LatencySketch();
    const pace = (cost[servingId ?? ''] ?? 10) * (1 + index / 20) * (1 + 0.02 * Math.sin(seq * 7.3));
    for (let frame = 0; frame < 300; frame += 1) sketch.record(pace * (1 + 0.1 * Math.sin(frame)));
    const counts = { captured: 300, classified: 300, dropped: 0, failed: 0, outbox: 0, memoryBytes: 1n };
    const span = { start: new Date(start), end: new Date(start + minute) };
    const latency = JSON.stringify({ total: sketch.toWire() });
    return { sessionId: sessions[id] ?? 0, seq, deviceId: id, variantId: servingId ?? '', ...span, ...counts, latency };
  });
  await database.db.telemetryWindow.createMany({ data: rows });
}

/** Minutes pass, in which devices follow and measure, and the hub looks. @param done ends it earlier */
async function pass(minutes: number, done: () => Promise<boolean> = async () => false): Promise<void> {
  for (let count = 0; count < minutes && !(await done()); count += 1) {
    await loop.look(never);
    await devicesFollow();
    await loop.look(never);
    await measure(now);
    now += minute;
  }
  await loop.look(never);
}

async function begin(spec: object = {}): Promise<string> {
  for (let before = 120; before > 0; before -= 1) await measure(now - before * minute);
  const phases = [
    { count: 2, soak: '20min' },
    { percent: 100, soak: '20min' },
  ];
  const gates = { window: '15min', latencyP95: { maxRatioToControl: 1.15 } };
  const input = { variant: variants[1], targets: { where: 'id=*' }, phases, gates, ...spec };
  const { id } = await createRollout(database.db, { spec: input }, new Date(now));
  await startRollout(database.db, id, new Date(now));
  return id;
}

describe('the rollout loop', () => {
  it('takes a variant that is as fast from canary through its gates to all, and keeps what the gates said', {
    timeout: 120_000,
  }, async () => {
    const id = await begin();
    const over = async () => (await read(id)).state === 'completed';
    await pass(120, over);
    const { state, counts, verdicts } = await read(id);
    expect([state, counts.committed]).toEqual(['completed', 6]);
    const latency = verdicts.filter(({ metric, against, phase }) => metric === 'latencyP95' && against === 'control' && phase === 0);
    expect(latency[0]).toMatchObject({
      verdict: 'pass',
      hardwareClass: 'Pi 4',
      threshold: expect.closeTo(0.15, 5),
      devices: 2,
      controls: 4,
    });
    // It first could not tell: both are kept, and no more than what changed.
    expect(latency.map(({ verdict }) => verdict)).toEqual(['pass', 'inconclusive']);
  });

  it('stops a slow variant in its first phase and brings its devices back', { timeout: 120_000 }, async () => {
    cost[variants[1] ?? ''] = 14;
    const id = await begin();
    await pass(60, async () => (await read(id)).state === 'rolled_back');
    const { state, devices, verdicts } = await read(id);
    expect(state).toBe('rolled_back');
    expect(devices.map(({ state: each }) => each)).toEqual(['returned', 'returned', 'skipped', 'skipped', 'skipped', 'skipped']);
    expect(await database.db.device.count({ where: { servingId: variants[0] } })).toBe(6);
    const fail = verdicts.find(({ verdict }) => verdict === 'fail');
    expect(fail).toMatchObject({ metric: 'latencyP95', against: 'control', phase: 0 });
    const events = await readRolloutEvents(database.db, id);
    expect(events.find(({ kind }) => kind === 'gate_failed')?.message).toContain(fail?.message);
  });

  it('goes on from the database alone, whichever hub looks', { timeout: 120_000 }, async () => {
    const id = await begin({ phases: [{ percent: 100, soak: 0, concurrency: 2 }], onInconclusive: { wait: 0 } });
    for (let step = 0; step < 12; step += 1) {
      loop = newLoop();
      await loop.look(never);
      await devicesFollow();
      now += 1000;
    }
    expect(await read(id)).toMatchObject({ state: 'paused', reason: 'gate_inconclusive', counts: { committed: 6 } });
    const told = await database.db.deviceEvent.count({ where: { kind: 'assigned' } });
    expect(told).toBe(6);
  });

  it('takes nothing of a step that somebody else was faster to change, and decides anew', async () => {
    const id = await begin({ phases: [{ percent: 100 }] });
    // Another hand gives one of the devices something between the loop's read and its write.
    const real = database.db.$transaction.bind(database.db);
    let meddled = false;
    const meddling = new Proxy(database.db, {
      get: (db, key) => {
        const value = Reflect.get(db, key);
        if (key !== '$transaction' || meddled) return typeof value === 'function' ? value.bind(db) : value;
        return async (work: never) => {
          meddled = true;
          await steerRollout(database.db, id, { type: 'pause' }, new Date(now));
          return real(work);
        };
      },
    });
    await new RolloutLoop({ db: meddling, clock: () => now, logger: silent }).look(never);
    expect(meddled).toBe(true);
    expect(await read(id)).toMatchObject({ state: 'paused', counts: { waiting: 6 } });
    expect(await database.db.device.count({ where: { desiredRevision: { gt: 0 } } })).toBe(0);
  });

  it('takes gates that cannot be judged for gates that cannot tell, and hears all else', async () => {
    const id = await begin({ phases: [{ percent: 100, soak: 0 }] });
    await loop.look(never);
    await devicesFollow();
    await database.db.telemetryWindow.updateMany({ data: { latency: 'spoilt' } });
    await loop.look(never);
    expect(await read(id)).toMatchObject({ state: 'evaluating', counts: { committed: 6 } });
    await steerRollout(database.db, id, { type: 'roll_back' }, new Date(now));
    await pass(1);
    expect((await read(id)).state).toBe('rolled_back');
  });

  it('goes on with the others where one rollout cannot be read', async () => {
    const bad = await begin({ targets: { where: 'id=cam-1' } });
    const good = await begin({ targets: { where: 'id=cam-2' } });
    const { spec } = await database.db.rollout.findUniqueOrThrow({ where: { id: good } });
    await database.db.rollout.update({ where: { id: bad }, data: { spec: '{}' } });
    await expect(loop.look(never)).rejects.toThrow(`rollout ${bad} cannot go on`);
    expect((await read(good)).counts.told).toBe(1);
    // Nothing is tried before its time, and so nothing works again.
    await expect(loop.look(never)).rejects.toThrow(`rollout ${bad} cannot go on`);
    await database.db.rollout.update({ where: { id: bad }, data: { spec } });
    now += minute;
    await loop.look(never);
  });
});
