/** @file What devices send reaches the database once, and they hear when: real broker, real client, real file. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectDevice, type TestDevice } from './support/device.ts';
import { startTestHub, type TestHub } from './support/hub.ts';
import { presence, reported, results, session, telemetry, variant, variantId } from './support/messages.ts';

let hub: TestHub;
let device: TestDevice;

beforeEach(async () => {
  hub = await startTestHub();
  device = await connectDevice({ port: hub.mqttPort });
});
afterEach(async () => {
  device.client.end(true);
  await hub.close();
});

const events = (kind: string) => hub.db.deviceEvent.findMany({ where: { kind } });

describe('results', () => {
  it('are in the database when they are acknowledged', async () => {
    const ack = await device.sendResults(results({ count: 20 }));
    expect(ack).toEqual({ stream: 'results', session, from: 1, to: 20 });
    const rows = await hub.db.result.findMany({ orderBy: { seq: 'asc' }, include: { session: true } });
    expect(rows.map((row) => row.seq)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(rows[0]).toMatchObject({
      deviceId: 'line-01',
      frame: 2,
      variantId,
      ms: 4.5,
      class: 3,
      label: 'bottle',
      probability: 0.75,
      session: { session, deviceId: 'line-01' },
    });
    expect(JSON.parse(rows[0]?.top ?? '')).toEqual([
      { class: 3, label: 'bottle', probability: 0.75 },
      { class: 1, label: 'can', probability: 0.25 },
    ]);
  });

  it('that come again are acknowledged again and counted once', async () => {
    await device.sendResults(results({ count: 10 }));
    await device.sendResults(results({ from: 6, count: 10, label: 'again' }));
    await device.sendResults(results({ from: 6, count: 10, label: 'again' }));
    expect(await hub.db.result.count()).toBe(15);
    expect(await hub.db.result.count({ where: { label: 'again' } })).toBe(5);
  });

  it('of an earlier session are kept under that session', async () => {
    await device.sendResults(results({ count: 3 }));
    await device.sendResults(results({ session: 'session-0', from: 7, count: 3 }));
    const sessions = await hub.db.session.findMany({ include: { _count: { select: { results: true } } }, orderBy: { session: 'asc' } });
    expect(sessions.map(({ session: name, _count }) => [name, _count.results])).toEqual([
      ['session-0', 3],
      ['session-a', 3],
    ]);
  });

  it('move the device’s line to what it sees now, and never back', async () => {
    await device.sendResults(results({ from: 11, count: 5, label: 'new' }));
    const late = results({ from: 1, count: 5, label: 'old' });
    for (const result of late.results) result.at -= 60_000;
    await device.sendResults(late);
    expect(await hub.db.device.findUnique({ where: { id: 'line-01' } })).toMatchObject({
      lastLabel: 'new',
      lastFrame: 30,
      lastVariantId: variantId,
    });
  });

  it('have the hub’s time, whatever the device’s clock says', async () => {
    const year = 365 * 86_400_000;
    for (const [index, offsetMs] of [-50 * year, year].entries()) {
      const before = Date.now();
      const one = await connectDevice({ port: hub.mqttPort, id: `off-${index}`, session: `session-${index}`, offsetMs });
      await one.sendResults(results({ session: `session-${index}`, offsetMs }));
      const row = await hub.db.result.findFirstOrThrow({ where: { deviceId: `off-${index}` }, include: { session: true } });
      expect(row.at.getTime()).toBeGreaterThan(before - 60_000);
      expect(row.at.getTime()).toBeLessThan(Date.now() + 60_000);
      expect(Math.abs(row.session.clockOffsetMs - offsetMs)).toBeLessThan(60_000);
      await one.leave();
    }
  });

  it('raise the change feed in the same transaction', async () => {
    await device.sendResults(results());
    const before = Object.fromEntries((await hub.db.change.findMany()).map(({ topic, revision }) => [topic, revision]));
    await device.sendResults(results({ from: 2 }));
    const after = Object.fromEntries((await hub.db.change.findMany()).map(({ topic, revision }) => [topic, revision]));
    expect(after.fleet).toBeGreaterThan(before.fleet ?? 0);
    expect(after['device:line-01']).toBeGreaterThan(before['device:line-01'] ?? 0);
  });
});

describe('telemetry', () => {
  it('becomes a window of history and the device’s latest figures, once', async () => {
    device.send('telemetry', telemetry());
    await device.ack((ack) => ack.stream === 'telemetry');
    device.acks.length = 0;
    device.send('telemetry', telemetry());
    expect(await device.ack((ack) => ack.stream === 'telemetry')).toEqual({ stream: 'telemetry', session, from: 1, to: 1 });
    const [window, ...more] = await hub.db.telemetryWindow.findMany();
    expect(more).toEqual([]);
    expect(window).toMatchObject({ classified: 90, captured: 100, dropped: 10, outbox: 3, memoryBytes: 90_000_000n, variantId });
    expect(window?.p50).toBeCloseTo(5, 1);
    const row = await hub.db.device.findUniqueOrThrow({ where: { id: 'line-01' } });
    expect(row).toMatchObject({ fps: 9, dropRate: 0.1, temperature: 51.5, outbox: 3 });
  });
});

describe('reported', () => {
  it('becomes the device’s columns, and a variant that nobody knew is listed', async () => {
    device.send(
      'reported',
      reported({ serving: variant({ accuracy: { top1: 60.5, source: 'paper' } }), phase: 'downloading', progress: 40, revision: 3 }),
    );
    await device.sendResults(results());
    expect(await hub.db.device.findUnique({ where: { id: 'line-01' } })).toMatchObject({
      servingId: variantId,
      phase: 'downloading',
      progress: 40,
      seenRevision: 3,
      errorCode: null,
    });
    expect(await hub.db.variant.findUnique({ where: { id: variantId } })).toMatchObject({
      alpha: 0.5,
      rho: 160,
      top1: 60.5,
      stored: false,
    });
    expect(await hub.db.change.findUnique({ where: { topic: 'variants' } })).not.toBeNull();
  });

  it('tells the story of an update', async () => {
    const next = variant({ sha256: 'b'.repeat(64), alpha: 1, rho: 224 });
    device.send('reported', reported());
    device.send('reported', reported({ phase: 'downloading', revision: 1 }));
    device.send('reported', reported({ phase: 'warming', revision: 1 }));
    device.send('reported', reported({ serving: next, phase: 'probation', revision: 1 }));
    device.send('reported', reported({ serving: next, phase: 'committed', revision: 1, outcome: 'ok' }));
    const lastError = { code: 'digest_mismatch', message: 'wrong bytes', at: Date.now() };
    device.send('reported', reported({ serving: next, phase: 'failed', revision: 2, outcome: 'failed_no_change', lastError }));
    await device.sendResults(results());
    const told = await hub.db.deviceEvent.findMany({ orderBy: { id: 'asc' }, select: { kind: true, message: true } });
    expect(told).toEqual([
      { kind: 'online', message: 'Connected for the first time' },
      { kind: 'updating', message: 'Changing its variant' },
      { kind: 'switched', message: 'Serves V1 1.0×224 f32 instead of V1 0.5×160 f32' },
      { kind: 'committed', message: 'V1 1.0×224 f32 has proved itself' },
      { kind: 'failed', message: 'The new variant did not come into service: wrong bytes' },
    ]);
    expect(await hub.db.device.findUnique({ where: { id: 'line-01' } })).toMatchObject({ errorCode: 'digest_mismatch', phase: 'failed' });
  });

  it('of a session that has ended changes nothing', async () => {
    device.send('reported', reported());
    device.send('presence', presence({ session: 'session-b' }));
    device.send('reported', reported({ phase: 'failed' }));
    await device.sendResults(results());
    expect(await hub.db.device.findUnique({ where: { id: 'line-01' } })).toMatchObject({ session: 'session-b', phase: 'idle' });
  });
});

describe('a message that is refused', () => {
  it.each([
    ['not JSON', 'results', 'hello', 'payload_not_json'],
    ['of another version', 'results', JSON.stringify({ ...results(), v: 2 }), 'version_unsupported'],
    ['above its topic’s size', 'telemetry', `"${'x'.repeat(65 * 1024)}"`, 'payload_too_large'],
  ] as const)('because it is %s is told once and not acknowledged; the next is taken', async (_, topic, payload, code) => {
    device.sendRaw(topic, payload);
    device.sendRaw(topic, payload);
    await device.sendResults(results());
    const [event, ...more] = await events('refused_message');
    expect(more).toEqual([]);
    expect(JSON.parse(event?.data ?? '')).toEqual({ code });
    expect(device.acks).toHaveLength(1);
  });

  it('because it does not fit the schema is acknowledged as refused, for just the numbers it carries', async () => {
    const batch = results({ from: 5, count: 4 });
    batch.results.splice(1, 1);
    device.send('results', batch);
    const first = await device.ack((ack) => ack.from === 5);
    const second = await device.ack((ack) => ack.from === 7);
    expect(first).toMatchObject({ to: 5, refused: expect.stringContaining('contiguous') });
    expect(second).toMatchObject({ to: 8, refused: expect.stringContaining('contiguous') });
    expect(await hub.db.result.count()).toBe(0);
    const bad = telemetry({ seq: 9 });
    device.sendRaw('telemetry', JSON.stringify({ ...bad, frames: { ...bad.frames, dropped: -1 } }));
    expect(await device.ack((ack) => ack.stream === 'telemetry')).toMatchObject({
      from: 9,
      to: 9,
      refused: expect.stringContaining('dropped'),
    });
  });
});
