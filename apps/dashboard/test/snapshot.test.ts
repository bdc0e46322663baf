/** @file A picture that an operator asks for: intent in the database, the hub's question, the device's answer. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requestSnapshot } from '../src/server/services/request-snapshot.ts';
import { connectDevice, type TestDevice } from './support/device.ts';
import { startTestHub, type TestHub } from './support/hub.ts';
import { picture, results, session, variantId } from './support/messages.ts';

let hub: TestHub;
let device: TestDevice;

beforeEach(async () => {
  hub = await startTestHub();
  device = await connectDevice({ port: hub.mqttPort });
  await device.sendResults(results());
});
afterEach(async () => {
  device.client.end(true);
  await hub.close();
});

const ask = (now = new Date()) => requestSnapshot(hub.db, 'line-01', now);
const kept = (id: string) => hub.db.snapshot.findUniqueOrThrow({ where: { id } });
const top = [{ class: 3, label: 'bottle', probability: 0.75 }];
const answer = (id: string) => ({ v: 1 as const, id, session, at: Date.now() - 200, variant: variantId, top, image: picture });
let seq = 1;
/** What was sent before it is committed or refused when it returns. */
const settled = () => {
  seq += 1;
  return device.sendResults(results({ from: seq }));
};

describe('a picture', () => {
  it('is asked for once, and stored with its time when it comes', async () => {
    const { id } = await ask();
    expect(await ask()).toEqual({ id });
    const request = await device.until(() => device.requests[0]);
    expect(request).toMatchObject({ id, kind: 'snapshot', maxSide: 512 });
    device.send('snapshot', answer(id));
    await expect.poll(async () => (await kept(id)).answeredAt).not.toBeNull();
    const row = await kept(id);
    expect(row).toMatchObject({ type: 'image/jpeg', width: 4, height: 4, variantId, errorCode: null });
    expect(Buffer.from(row.image ?? []).toString('base64')).toBe(picture.data);
    expect(Date.now() - (row.at?.getTime() ?? 0)).toBeLessThan(60_000);
    expect(device.requests).toHaveLength(1);
    expect(await hub.db.change.findUnique({ where: { topic: 'device:line-01' } })).not.toBeNull();
    // Answered: asking again is another request.
    expect((await ask()).id).not.toBe(id);
  });

  it('that the owner does not allow is a refusal with the reason', async () => {
    const { id } = await ask();
    const error = { code: 'snapshots_off', message: 'this device gives no pictures', at: Date.now() };
    device.send('snapshot', { v: 1, id, session, at: Date.now(), error });
    await expect.poll(async () => (await kept(id)).errorCode).toBe('snapshots_off');
    expect(await kept(id)).toMatchObject({ errorMessage: 'this device gives no pictures', image: null });
  });

  it('is asked for by the device’s own clock', async () => {
    const offsetMs = -365 * 86_400_000;
    const off = await connectDevice({ port: hub.mqttPort, id: 'off', session: 'session-off', offsetMs });
    await off.sendResults(results({ session: 'session-off', offsetMs }));
    await requestSnapshot(hub.db, 'off', new Date());
    const { issuedAt } = await off.until(() => off.requests[0]);
    expect(Math.abs(issuedAt - (Date.now() + offsetMs))).toBeLessThan(30_000);
    await off.leave();
  });

  it('nobody asked for, of another device, or a second time is not stored', async () => {
    const { id } = await ask();
    await device.until(() => device.requests[0]);
    const other = await connectDevice({ port: hub.mqttPort, id: 'line-02', session: 'session-2' });
    other.send('snapshot', { ...answer(id), session: 'session-2' });
    await other.sendResults(results({ session: 'session-2' }));
    expect(await kept(id)).toMatchObject({ answeredAt: null });
    const [refused] = await hub.db.deviceEvent.findMany({ where: { deviceId: 'line-02', kind: 'refused_message' } });
    expect(refused?.message).toContain('not of a request to this device');

    device.send('snapshot', answer(id));
    device.send('snapshot', { ...answer(id), top: [{ class: 1, label: 'second', probability: 1 }] });
    await settled();
    expect(JSON.parse((await kept(id)).top ?? '')).toEqual(top);
    expect(await hub.db.snapshot.count()).toBe(1);
    await other.leave();
  });

  it('above the topic’s size, or of no known kind, is refused and the hub goes on', async () => {
    const { id } = await ask();
    device.sendRaw('snapshot', JSON.stringify({ ...answer(id), image: { ...picture, data: `/9j/${'A'.repeat(520_000)}` } }));
    device.sendRaw('snapshot', JSON.stringify({ ...answer(id), image: { ...picture, type: 'image/svg+xml' } }));
    await settled();
    expect(await kept(id)).toMatchObject({ answeredAt: null });
    expect(await hub.db.deviceEvent.count({ where: { kind: 'refused_message' } })).toBe(1);
  });

  it('that was asked for long ago is not asked for any more, and not taken', async () => {
    await hub.stop();
    const { id } = await ask(new Date(Date.now() - 70_000));
    await hub.restart();
    device.client.end(true);
    device = await connectDevice({ port: hub.mqttPort });
    const { id: fresh } = await ask();
    await device.until(() => device.requests.find((request) => request.id === fresh));
    expect(device.requests).toHaveLength(1);
    device.send('snapshot', answer(id));
    await settled();
    expect(await kept(id)).toMatchObject({ answeredAt: null, publishedAt: null });
  });

  it('of a device that was never heard of is not asked for', async () => {
    await expect(requestSnapshot(hub.db, 'nobody', new Date())).rejects.toMatchObject({ code: 'device_unknown' });
  });
});
