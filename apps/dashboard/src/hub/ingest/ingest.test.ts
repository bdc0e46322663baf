import { openWriter, type Writer } from '@alpharho/db';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../../../test/support/files.ts';
import { presence, reported, results, session, telemetry } from '../../../test/support/messages.ts';
import type { Incoming, UpTopic } from './incoming.ts';
import { Ingest } from './ingest.ts';

let database: TestDatabase;
let writer: Writer;
let ingest: Ingest;

beforeEach(async () => {
  database = await createDatabase();
  writer = openWriter(database.file);
  ingest = new Ingest(writer);
});
afterEach(async () => {
  writer.close();
  await database.close();
});

function incoming(topic: UpTopic, value: unknown, device = 'line-01'): Incoming {
  return { device, topic, payload: Buffer.from(JSON.stringify(value)), arrivedAt: Date.now() };
}

/** SQLite's own "disk full", without filling a disk. */
function limitPages(pages: number): void {
  writer.prepare(`PRAGMA max_page_count = ${pages}`).get();
}

describe('Ingest', () => {
  it('writes nothing and acknowledges nothing while the disk is full, and everything once there is room', async () => {
    const batch = [incoming('presence', presence()), incoming('results', results({ count: 500 })), incoming('telemetry', telemetry())];
    limitPages(1);
    expect(() => ingest.commit(batch)).toThrow(expect.objectContaining({ name: 'DatabaseError', code: 'full' }));
    expect(() => ingest.commit(batch)).toThrow(expect.objectContaining({ code: 'full' }));
    limitPages(1_000_000);
    expect(await database.db.device.count()).toBe(0);
    expect(ingest.commit(batch).acks).toEqual([
      {
        device: 'line-01',
        entries: [
          { stream: 'results', session, from: 1, to: 500 },
          { stream: 'telemetry', session, from: 1, to: 1 },
        ],
      },
    ]);
    expect(await database.db.result.count()).toBe(500);
  });

  it('writes nothing while the file is read-only', () => {
    writer.prepare('PRAGMA query_only = ON').get();
    expect(() => ingest.commit([incoming('results', results())])).toThrow(expect.objectContaining({ code: 'read_only' }));
  });

  it('takes the results of a device that someone deleted meanwhile', async () => {
    ingest.commit([incoming('presence', presence()), incoming('results', results())]);
    await database.db.device.delete({ where: { id: 'line-01' } });
    const { acks, refusals } = ingest.commit([incoming('results', results({ from: 2 }))]);
    expect(refusals).toEqual([]);
    expect(acks).toMatchObject([{ entries: [{ from: 2, to: 2 }] }]);
    expect(await database.db.result.count()).toBe(1);
  });

  it('does not let one message keep another out, nor acknowledges what it could not write', async () => {
    // A trigger stands for a fault of ours that no check foresees.
    await database.db.$executeRawUnsafe(
      `CREATE TRIGGER fault BEFORE INSERT ON Result WHEN NEW.label = 'poison' BEGIN SELECT RAISE(ABORT, 'fault'); END`,
    );
    const poisoned = results({ from: 10, count: 3 });
    for (const prediction of poisoned.results[2]?.top ?? []) prediction.label = 'poison';
    const messages = [
      incoming('presence', presence()),
      incoming('results', results()),
      incoming('results', poisoned),
      incoming('results', results({ from: 2 })),
    ];
    const { acks, refusals } = ingest.commit(messages);
    expect(acks).toMatchObject([
      {
        entries: [
          { from: 1, to: 1 },
          { from: 2, to: 2 },
        ],
      },
    ]);
    expect(refusals).toMatchObject([{ code: 'internal', message: expect.stringContaining('fault') }]);
    expect(await database.db.result.count()).toBe(2);
  });

  it('takes a jump in the numbers for what it is: entries that the device had to give up', async () => {
    const { acks } = ingest.commit([
      incoming('presence', presence()),
      incoming('results', results({ from: 1, count: 10 })),
      incoming('results', results({ from: 51, count: 10 })),
    ]);
    expect(acks[0]?.entries).toEqual([
      { stream: 'results', session, from: 1, to: 10 },
      { stream: 'results', session, from: 51, to: 60 },
    ]);
    const rows = await database.db.result.findMany({ orderBy: { seq: 'asc' } });
    const captured = rows.at(-1)?.seq ?? 0;
    // Captured is stored and dropped, exactly.
    expect(captured - rows.length).toBe(40);
    // What comes late after all has its place, and what comes twice is there once.
    ingest.commit([incoming('results', results({ from: 41, count: 20 }))]);
    expect(await database.db.result.count()).toBe(30);
  });

  it('keeps results in order when a device of before sets its clock back by a day', async () => {
    const day = 86_400_000;
    const arrivedAt = Date.now();
    const send = (from: number, sinceStart: number, shift: number) => {
      const batch = results({ from, count: 5 });
      const sentAt = arrivedAt + sinceStart + shift;
      const list = batch.results.map((result, index) => ({ ...result, at: sentAt - 500 + index * 100 }));
      ingest.commit([{ ...incoming('results', { ...batch, sentAt, results: list }), arrivedAt: arrivedAt + sinceStart }]);
    };
    send(1, 0, 0);
    send(6, 1000, 0);
    send(11, 2000, -day);
    send(16, 3000, -day);
    const rows = await database.db.result.findMany({ orderBy: { at: 'asc' } });
    expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  it('counts what it did not tell of a device that sends nonsense', () => {
    ingest.commit([incoming('presence', presence())]);
    const nonsense = (at: number): Incoming => ({ ...incoming('results', 'nonsense'), arrivedAt: at });
    expect(ingest.commit([nonsense(0), nonsense(1000), nonsense(2000)]).refusals).toMatchObject([{ unheard: 0 }]);
    expect(ingest.commit([nonsense(61_000)]).refusals).toMatchObject([{ unheard: 2 }]);
  });

  it('answers a malformed batch of countless numbers with no more ranges than a batch has results', () => {
    const seqs = Array.from({ length: 20_000 }, (_, index) => ({ seq: 2 * index + 1 }));
    const { acks } = ingest.commit([incoming('results', { ...results(), results: seqs })]);
    expect(acks[0]?.entries).toHaveLength(500);
  });

  it('keeps the times of a session that ended as its clock was then', async () => {
    const hour = 3_600_000;
    ingest.commit([incoming('presence', presence({ at: Date.now() + hour })), incoming('results', results({ offsetMs: hour }))]);
    const again = new Ingest(writer);
    again.commit([incoming('presence', presence({ session: 'session-b' }))]);
    // The old session's rest, told by the new one, whose clock is right by now.
    const rest = { ...results({ from: 2, offsetMs: hour }), sentAt: Date.now() };
    again.commit([incoming('results', rest)]);
    const rows = await database.db.result.findMany({ orderBy: { seq: 'asc' } });
    expect(Math.abs((rows[1]?.at.getTime() ?? 0) - Date.now())).toBeLessThan(5000);
  });

  it('keeps what a device says of holds, quarantine, shadowing, keys and its answers, and forgets what it says no more', async () => {
    const quarantined = [{ sha256: 'c'.repeat(64), code: 'shadow_slow', at: 1000 }];
    const shadow = { frames: 100, agreement: 0.9, p95Ms: 12, baselineP95Ms: 10, memoryBytes: 5 };
    const answers = { n: 3, confidence: { sum: 2, squares: 1.5 }, classes: [[4, 3]] as [number, number][] };
    const frames = { captured: 10, classified: 3, dropped: 0, failed: 7 };
    ingest.commit([
      incoming('presence', presence()),
      incoming('reported', reported({ held: true, quarantined, shadow, keys: { version: 4 } })),
      incoming('telemetry', telemetry({ frames, answers })),
    ]);
    const device = () => database.db.device.findUniqueOrThrow({ where: { id: 'line-01' } });
    const before = await device();
    expect(before).toMatchObject({ hardwareClass: 'Test board, 4 cores', held: true, keysVersion: 4 });
    expect([before.quarantined, before.shadow].map((json) => JSON.parse(json ?? ''))).toEqual([quarantined, shadow]);
    const window = await database.db.telemetryWindow.findFirstOrThrow();
    expect([window.failed, JSON.parse(window.answers ?? '')]).toEqual([7, answers]);
    ingest.commit([incoming('reported', reported())]);
    expect(await device()).toMatchObject({ held: false, quarantined: null, shadow: null, keysVersion: null });
  });

  it('wakes who watches updates, but not with each result', async () => {
    const revision = async () => (await database.db.change.findUnique({ where: { topic: 'updates' } }))?.revision ?? 0;
    ingest.commit([incoming('presence', presence())]);
    const born = await revision();
    ingest.commit([incoming('results', results())]);
    expect(await revision()).toBe(born);
    ingest.commit([incoming('reported', reported())]);
    expect(await revision()).toBeGreaterThan(born);
  });

  it('names the variant that a device is told to change to', async () => {
    ingest.commit([incoming('presence', presence()), incoming('reported', reported())]);
    const row = { family: 'v2', alpha: 0.75, rho: 192, precision: 'int8', classes: 10, weights: 'trained', bytes: 5 };
    await database.db.variant.create({ data: { id: 'c'.repeat(64), ...row } });
    await database.db.device.update({ where: { id: 'line-01' }, data: { desiredId: 'c'.repeat(64), desiredRevision: 1 } });
    ingest.commit([incoming('reported', reported({ phase: 'downloading', revision: 1 }))]);
    expect(await database.db.deviceEvent.findFirst({ where: { kind: 'updating' } })).toMatchObject({
      message: 'Changing to V2 0.75×192 int8',
    });
  });
});
