import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../../test/support/files.ts';
import { ManualTimers } from '../../test/support/timers.ts';
import { beat } from './heartbeat.ts';
import { Loop } from './loop.ts';
import { markMissing } from './missing.ts';
import { forgetOld } from './retention.ts';

const day = 86_400_000;
const now = 1_700_000_000_000;
let database: TestDatabase;

beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database.close());

describe('markMissing', () => {
  it('marks offline who was online and has not been heard since, and nobody else', async () => {
    const { db } = database;
    const at = (ms: number) => new Date(now + ms);
    await db.device.createMany({
      data: [
        { id: 'gone', presence: 'online', lastSeenAt: at(-1) },
        { id: 'silent', presence: 'online' },
        { id: 'back', presence: 'online', lastSeenAt: at(1) },
        { id: 'off', presence: 'offline', lastSeenAt: at(-1), presenceReason: 'stopped' },
      ],
    });
    expect((await markMissing(db, at(0), at(2))).sort()).toEqual(['gone', 'silent']);
    expect(await markMissing(db, at(0), at(3))).toEqual([]);
    const rows = await db.device.findMany({ orderBy: { id: 'asc' }, select: { id: true, presence: true, presenceReason: true } });
    expect(rows.map((row) => Object.values(row))).toEqual([
      ['back', 'online', null],
      ['gone', 'offline', 'lost'],
      ['off', 'offline', 'stopped'],
      ['silent', 'offline', 'lost'],
    ]);
    expect(await db.deviceEvent.count({ where: { kind: 'offline' } })).toBe(2);
    expect(await db.change.findUnique({ where: { topic: 'device:gone' } })).not.toBeNull();
  });
});

describe('forgetOld', () => {
  it('deletes results after their days and telemetry after ninety, in chunks, and leaves the rest', async () => {
    const { db } = database;
    await db.device.create({ data: { id: 'a', sessions: { create: { session: 'session-a', startedAt: new Date(now) } } } });
    const { id: sessionId } = await db.session.findFirstOrThrow();
    const result = { sessionId, deviceId: 'a', frame: 1, variantId: 'v', ms: 1, class: 0, label: 'x', probability: 1, top: '[]' };
    await db.result.createMany({
      data: Array.from({ length: 1203 }, (_, seq) => ({ ...result, seq, at: new Date(now - (seq < 1201 ? 8 : 6) * day) })),
    });
    const window = {
      sessionId,
      deviceId: 'a',
      variantId: 'v',
      end: new Date(),
      captured: 1,
      classified: 1,
      dropped: 0,
      latency: '{}',
      outbox: 0,
      memoryBytes: 1,
    };
    await db.telemetryWindow.createMany({ data: [89, 91].map((days) => ({ ...window, seq: days, start: new Date(now - days * day) })) });
    const timers = new ManualTimers();
    const forgetting = forgetOld({ db, resultsDays: 7, now, timers }, new AbortController().signal);
    for (const left of [703, 203]) {
      await expect.poll(() => timers.due).toBe(100);
      expect(await db.result.count()).toBe(left);
      timers.advance(100);
    }
    expect(await forgetting).toBe(1202);
    expect(await db.result.count()).toBe(2);
    expect(await db.telemetryWindow.findMany({ select: { seq: true } })).toEqual([{ seq: 89 }]);
  });
});

describe('forgetOld, of what agents tell', () => {
  it('deletes pictures and what wants nobody with the results, warnings and update phases after a year', async () => {
    const { db } = database;
    const at = (days: number) => new Date(now - days * day);
    await db.device.create({ data: { id: 'a' } });
    const event = (seq: number, level: string, stream: string | null, days: number) =>
      db.deviceEvent.create({
        data: {
          deviceId: 'a',
          at: at(days),
          kind: 'x',
          message: `${level} of ${stream}, ${days} days`,
          level,
          stream,
          seq,
          thumbnail: {
            create: { deviceId: 'a', at: at(days), type: 'image/jpeg', width: 1, height: 1, image: new Uint8Array([255, 216]) },
          },
        },
      });
    let seq = 0;
    for (const days of [6, 8, 366]) {
      for (const [level, stream] of [
        ['info', 'events'],
        ['warning', 'events'],
        ['info', 'status'],
        ['info', null],
      ] as const) {
        seq += 1;
        await event(seq, level, stream, days);
      }
    }
    await db.snapshot.createMany({ data: [6, 8].map((days) => ({ id: `snapshot-${days}`, deviceId: 'a', requestedAt: at(days) })) });
    await db.enrolmentToken.createMany({
      data: [29, 31].map((days) => ({ id: `token-${days}`, sha256: '', createdAt: at(days), expiresAt: at(days) })),
    });
    await forgetOld({ db, resultsDays: 7, now, timers: new ManualTimers() }, new AbortController().signal);
    const left = await db.deviceEvent.findMany({ orderBy: { id: 'asc' }, include: { thumbnail: true } });
    expect(left.map(({ message, thumbnail }) => [message, thumbnail !== null])).toEqual([
      ['info of events, 6 days', true],
      ['warning of events, 6 days', true],
      ['info of status, 6 days', true],
      ['info of null, 6 days', true],
      ['warning of events, 8 days', false],
      ['info of status, 8 days', false],
      ['info of null, 8 days', false],
    ]);
    expect(await db.snapshot.findMany({ select: { id: true } })).toEqual([{ id: 'snapshot-6' }]);
    expect(await db.enrolmentToken.findMany({ select: { id: true } })).toEqual([{ id: 'token-29' }]);
  });
});

describe('beat', () => {
  it('keeps one row that says since when and until when', async () => {
    await beat(database.db, new Date(now), new Date(now));
    await beat(database.db, new Date(now), new Date(now + 5000));
    expect(await database.db.process.findMany()).toEqual([{ name: 'hub', startedAt: new Date(now), heartbeatAt: new Date(now + 5000) }]);
  });
});

describe('Loop', () => {
  it('goes on after failures, and tells them when they begin and when they end', async () => {
    const timers = new ManualTimers();
    const told: string[] = [];
    const logger = {
      info: (_: object, message: string) => told.push(message),
      warn: () => 0,
      error: (_: object, message: string) => told.push(message),
    };
    let round = 0;
    const run = async () => {
      round += 1;
      if (round === 2 || round === 3) throw new Error('no');
    };
    const loop = new Loop({ name: 'it', everyMs: 1000, run, logger, timers });
    await loop.start();
    for (let expected = 2; expected <= 5; expected += 1) {
      await expect.poll(() => timers.due).toBe(1000);
      timers.advance(1000);
      await expect.poll(() => round).toBe(expected);
    }
    await loop.stop();
    expect(told).toEqual(['it: failed; it is tried again', 'it: works again']);
    timers.advance(5000);
    expect(round).toBe(5);
  });

  it('asks a long round to end, and waits for it', async () => {
    const run = (signal: AbortSignal) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    const logger = { info: () => 0, warn: () => 0, error: () => 0 };
    const loop = new Loop({ name: 'it', everyMs: 1, run, logger, timers: new ManualTimers() });
    const started = loop.start();
    await loop.stop();
    await started;
  });
});
