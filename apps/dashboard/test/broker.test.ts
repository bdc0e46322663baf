/** @file Ill-behaved clients are refused and harm nobody; presence follows the living session. */
import { buildTopic } from '@alpharho/protocol';
import { connectAsync } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectDevice, type TestDevice } from './support/device.ts';
import { startTestHub, type TestHub } from './support/hub.ts';
import { lastWill, presence, results, session } from './support/messages.ts';

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

const connect = (clientId: string, more: object = {}) =>
  connectAsync(`mqtt://127.0.0.1:${hub.mqttPort}`, { clientId, reconnectPeriod: 0, ...more });
const closing = ({ client }: TestDevice) => new Promise<void>((resolve) => client.once('close', () => resolve()));
const row = () => hub.db.device.findUniqueOrThrow({ where: { id: 'line-01' } });

describe('the broker', () => {
  it.each([
    ['a client id that is no device id', 'not a device', {}, /Identifier rejected/],
    [
      'a last will of another device',
      'line-02',
      { will: { topic: buildTopic('presence', 'line-01'), payload: Buffer.from(JSON.stringify(lastWill())), qos: 1 } },
      /Not authorized/,
    ],
    [
      'a last will that is no message',
      'line-02',
      { will: { topic: buildTopic('presence', 'line-02'), payload: Buffer.from('bye'), qos: 1 } },
      /Not authorized/,
    ],
  ])('refuses %s', async (_, clientId, options, words) => {
    await expect(connect(clientId, options)).rejects.toThrow(words);
  });

  it('lets a device hear what is for it and nothing else', async () => {
    for (const filter of ['#', '+/+/+/+', 'alpharho/v1/+/results', buildTopic('desired', 'line-02'), buildTopic('results', 'line-01')]) {
      await expect(device.client.subscribeAsync(filter)).rejects.toThrow(/Subscribe error/);
    }
    await device.sendResults(results());
  });

  it.each([
    ['another device’s results', buildTopic('results', 'line-02')],
    ['the hub’s topics', buildTopic('desired', 'line-01')],
    ['a topic that is not in the table', 'alpharho/v1/line-01/other'],
    ['a topic of very many levels', 'a/'.repeat(200)],
  ])('disconnects a client that publishes to %s, and takes nothing of it', async (_, topic) => {
    const closed = closing(device);
    device.client.publish(topic, JSON.stringify(results()), { qos: 1 });
    await closed;
    const other = await connectDevice({ port: hub.mqttPort, id: 'line-02' });
    await other.sendResults(results());
    expect(await hub.db.result.groupBy({ by: ['deviceId'], _count: true })).toEqual([{ deviceId: 'line-02', _count: 1 }]);
    await other.leave();
  });

  it('cuts a packet above every topic’s size off while it comes', async () => {
    const closed = closing(device);
    device.sendRaw('results', Buffer.alloc(8 * 1024 * 1024, 32));
    await closed;
  });
});

describe('presence', () => {
  it('is online at birth with what the agent says of itself, and offline when it stops', async () => {
    await device.sendResults(results());
    expect(await row()).toMatchObject({
      presence: 'online',
      session,
      camera: 'synthetic',
      boardModel: 'Test board',
      cores: 4,
      memoryBytes: 4_000_000_000n,
    });
    device.send('presence', lastWill({ reason: 'stopped' }));
    await device.sendResults(results({ from: 2 }));
    expect(await row()).toMatchObject({ presence: 'offline', presenceReason: 'stopped' });
  });

  it('is offline when the connection is lost', async () => {
    await device.sendResults(results());
    await device.vanish();
    await expect.poll(row).toMatchObject({ presence: 'offline', presenceReason: 'lost' });
    expect(await hub.db.deviceEvent.findMany({ where: { kind: 'offline' } })).toMatchObject([{ message: 'Connection lost' }]);
  });

  it('stays online when the last will of an earlier session comes late', async () => {
    await device.sendResults(results());
    const next = await connectDevice({ port: hub.mqttPort, session: 'session-b' });
    next.send('presence', lastWill({ session }));
    await next.sendResults(results({ session: 'session-b' }));
    expect(await row()).toMatchObject({ presence: 'online', session: 'session-b' });
    const told = await hub.db.deviceEvent.findMany({ orderBy: { id: 'asc' }, select: { kind: true } });
    expect(told.at(-1)).toEqual({ kind: 'online' });
    next.client.end(true);
  });

  it('is not news when the same session says again that it lives', async () => {
    device.send('presence', presence());
    device.send('presence', presence());
    await device.sendResults(results());
    expect(await hub.db.deviceEvent.count({ where: { kind: 'online' } })).toBe(1);
  });

  it('survives the hub’s own end without a story of lost connections', async () => {
    await device.sendResults(results());
    await hub.restart();
    expect(await row()).toMatchObject({ presence: 'online' });
    expect(await hub.db.deviceEvent.count({ where: { kind: 'offline' } })).toBe(0);
  });
});
