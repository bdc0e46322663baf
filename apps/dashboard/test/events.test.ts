/** @file What devices tell of what happened to them: once, at the right time, with its picture; and what the hub makes of it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectDevice, type TestDevice } from './support/device.ts';
import { startTestHub, type TestHub } from './support/hub.ts';
import { event, picture, presence, reported, results, session, telemetry, variant, variantId } from './support/messages.ts';

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

const row = () => hub.db.device.findUniqueOrThrow({ where: { id: 'line-01' } });
const told = (stream: string) => hub.db.deviceEvent.findMany({ where: { stream }, include: { thumbnail: true }, orderBy: { id: 'asc' } });
const acked = (stream: string, seq: number) => device.ack((ack) => ack.stream === stream && ack.from <= seq && ack.to >= seq);

describe('events', () => {
  it('are in the database with all they say when they are acknowledged', async () => {
    const top = [{ class: 1, label: 'can', probability: 0.88 }];
    device.send(
      'events',
      event({
        id: 'result.changed',
        level: 'info',
        message: 'can, after bottle',
        detail: { replaced: 'bottle' },
        variant: variantId,
        frame: 9,
        top,
        thumbnail: picture,
      }),
    );
    expect(await acked('events', 1)).toEqual({ stream: 'events', session, from: 1, to: 1 });
    const [row, ...more] = await told('events');
    expect(more).toEqual([]);
    expect(row).toMatchObject({
      deviceId: 'line-01',
      kind: 'result.changed',
      level: 'info',
      message: 'can, after bottle',
      variantId,
      frame: 9,
    });
    expect([JSON.parse(row?.data ?? ''), JSON.parse(row?.top ?? '')]).toEqual([{ replaced: 'bottle' }, top]);
    expect(row?.thumbnail).toMatchObject({ type: 'image/jpeg', width: 4, height: 4 });
    expect(Buffer.from(row?.thumbnail?.image ?? []).toString('base64')).toBe(picture.data);
  });

  it('that come again are acknowledged again and kept once, each stream by its own numbers', async () => {
    device.send('events', event({ thumbnail: picture }));
    device.send('events', event({ thumbnail: picture, message: 'again' }));
    device.send(
      'events',
      event({ stream: 'status', id: 'update.phase', level: 'info', message: 'verifying', detail: { phase: 'verifying', revision: 1 } }),
    );
    await acked('status', 1);
    expect(device.acks.filter(({ stream }) => stream === 'events')).toHaveLength(2);
    expect((await told('events')).map(({ message }) => message)).toEqual(['camera: no frames for 10 s']);
    expect((await told('status')).map(({ message }) => message)).toEqual(['verifying']);
    expect(await hub.db.eventThumbnail.count()).toBe(1);
  });

  it('have the hub’s time, whatever the device’s clock says', async () => {
    const offsetMs = -50 * 365 * 86_400_000;
    const one = await connectDevice({ port: hub.mqttPort, id: 'off', session: 'session-off', offsetMs });
    const before = Date.now();
    const sentAt = before + offsetMs;
    one.send('events', event({ session: 'session-off', sentAt, at: sentAt - 60_000 }));
    await one.ack((ack) => ack.stream === 'events');
    const kept = await hub.db.deviceEvent.findFirstOrThrow({ where: { deviceId: 'off', stream: 'events' } });
    expect(Math.abs(kept.at.getTime() - (before - 60_000))).toBeLessThan(30_000);
    await one.leave();
  });

  it('that do not fit the schema are refused by their stream, with the reason', async () => {
    device.sendRaw('events', JSON.stringify({ ...event({ stream: 'status', seq: 4 }), level: 'fatal' }));
    expect(await acked('status', 4)).toMatchObject({ from: 4, to: 4, refused: expect.stringContaining('level') });
    device.sendRaw('events', JSON.stringify({ ...event({ seq: 5 }), thumbnail: { ...picture, data: 'R0lGODlh' } }));
    expect(await acked('events', 5)).toMatchObject({ from: 5, to: 5, refused: expect.stringContaining('thumbnail.data') });
    device.sendRaw('events', JSON.stringify({ ...event({ seq: 6 }), stream: 'gossip' }));
    device.send('events', event({ seq: 7 }));
    await acked('events', 7);
    expect(device.acks.some(({ from, to }) => from <= 6 && to >= 6)).toBe(false);
    expect(await told('events')).toHaveLength(1);
  });

  it('say how the camera is, until it is well, or another run of the agent begins', async () => {
    device.send('events', event({ seq: 1, id: 'camera.frozen', message: 'the same picture for 30 s' }));
    await acked('events', 1);
    expect(await row()).toMatchObject({ cameraState: 'frozen', cameraMessage: 'the same picture for 30 s' });
    device.send('events', event({ seq: 2, id: 'camera.recovered', level: 'info', message: 'frames again' }));
    await acked('events', 2);
    expect(await row()).toMatchObject({ cameraState: null, cameraMessage: null });
    device.send('events', event({ seq: 3 }));
    await acked('events', 3);
    expect(await row()).toMatchObject({ cameraState: 'lost' });
    const next = await connectDevice({ port: hub.mqttPort, session: 'session-b' });
    // Left over in the outbox of the run that ended.
    next.send('events', event({ seq: 4, id: 'camera.black' }));
    await next.ack((ack) => ack.stream === 'events');
    expect(await row()).toMatchObject({ cameraState: null, session: 'session-b' });
    next.client.end(true);
  });
});

describe('the phases of an update', () => {
  const phase = (seq: number, name: string, at: number) =>
    event({ stream: 'status', seq, id: 'update.phase', level: 'info', message: name, detail: { phase: name, revision: 1 }, at });

  it('are told once, by the report or by the event, at the time at which they happened', async () => {
    const hour = 3_600_000;
    const happened = Date.now() - hour;
    const next = variant({ sha256: 'b'.repeat(64), alpha: 1, rho: 224 });
    device.send('reported', reported());
    // Updated while the hub was away: the report knows the end only, the outbox the whole way.
    device.send('reported', reported({ serving: next, phase: 'committed', revision: 1, outcome: 'ok' }));
    for (const [index, name] of ['downloading', 'verifying', 'switching', 'committed'].entries()) {
      device.send('events', phase(index + 1, name, happened + index * 1000));
    }
    await acked('status', 4);
    const rows = await hub.db.deviceEvent.findMany({ where: { kind: { not: 'online' } }, orderBy: { at: 'asc' } });
    expect(rows.map(({ message }) => message)).toEqual([
      'downloading',
      'verifying',
      'Serves V1 1.0×224 f32 instead of V1 0.5×160 f32',
      'V1 1.0×224 f32 has proved itself',
    ]);
    for (const { at } of rows) expect(Date.now() - at.getTime()).toBeGreaterThan(hour - 10_000);
  });
});

describe('what the machine says of itself', () => {
  it('is kept with the window, and as the device’s state', async () => {
    const system = {
      outbox: 3,
      memoryBytes: 9e7,
      diskFreeBytes: 1e10,
      diskTotalBytes: 3e10,
      throttled: ['throttled' as const],
      memoryTotalBytes: 4e9,
      memoryAvailableBytes: 1e9,
      cpuFraction: 0.25,
      clock: { synchronised: false },
      outboxBytes: 1e6,
      dropped: { results: 7 },
    };
    const first = telemetry({ rho: 128, rate: 5, frames: { captured: 100, classified: 90, dropped: 10, published: 12 }, system });
    device.send('telemetry', first);
    device.send('telemetry', telemetry({ seq: 2, start: first.end, end: first.end + 10_000, system }));
    await acked('telemetry', 2);
    expect(await hub.db.telemetryWindow.findFirst({ where: { seq: 1 } })).toMatchObject({
      rho: 128,
      rate: 5,
      published: 12,
      throttled: '["throttled"]',
      memoryTotalBytes: 4_000_000_000n,
      memoryAvailableBytes: 1_000_000_000n,
      cpuFraction: 0.25,
      diskTotalBytes: 30_000_000_000n,
      clockSynchronised: false,
      outboxBytes: 1_000_000n,
      outboxDropped: '{"results":7}',
    });
    const hot = await row();
    expect(hot).toMatchObject({ throttled: '["throttled"]', clockSynchronised: false });
    expect(Math.abs((hot.throttledSince?.getTime() ?? 0) - first.start)).toBeLessThan(30_000);
    device.send(
      'telemetry',
      telemetry({ seq: 3, start: first.end + 10_000, end: first.end + 20_000, system: { ...system, throttled: [] } }),
    );
    await acked('telemetry', 3);
    expect(await row()).toMatchObject({ throttled: '[]', throttledSince: null });
  });

  it('is reported with how it runs its variant, and where its governor stands', async () => {
    const inference = { provider: 'cpu', threads: 3, precision: 'int8' as const, tuned: true };
    const governor = { rho: 160, rate: 5, step: 2, of: 4, reason: 'p95 61 ms, budget 50 ms', since: Date.now() - 60_000 };
    device.send('reported', reported({ inference, governor }));
    await device.sendResults(results());
    const { since, ...stands } = governor;
    const kept = await row();
    expect([JSON.parse(kept.inference ?? ''), JSON.parse(kept.governor ?? '')]).toEqual([inference, stands]);
    expect(Math.abs((kept.governorSince?.getTime() ?? 0) - since)).toBeLessThan(30_000);
    device.send('reported', reported());
    await device.sendResults(results({ from: 2 }));
    expect(await row()).toMatchObject({ inference: null, governor: null, governorSince: null });
  });
});

it('an agent of before is taken as ever', async () => {
  device.send('presence', presence());
  device.send('telemetry', telemetry());
  await acked('telemetry', 1);
  expect(await row()).toMatchObject({ throttled: null, throttledSince: null, clockSynchronised: null, cameraState: null });
});
