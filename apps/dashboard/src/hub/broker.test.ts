import { once } from 'node:events';
import { connect as connectSocket, type Socket } from 'node:net';
import { type Ack, buildTopic } from '@alpharho/protocol';
import mqtt, { type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Broker } from './broker.ts';

const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
let broker: Broker;
let port: number;

beforeEach(async () => {
  broker = new Broker({ host: '127.0.0.1', port: 0, logger, clock: Date.now, onMessage: async () => undefined });
  port = (await broker.start()).port;
});
afterEach(() => broker.stop());

const connect = (clientId: string, clean = true) => mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { clientId, clean, reconnectPeriod: 0 });
const listen = (client: MqttClient, id: string) => client.subscribeAsync([buildTopic('ack', id), buildTopic('desired', id)], { qos: 1 });

function ack(to: number, bytes = 0): Ack {
  const entry = { stream: 'results' as const, session: 'session-a', from: 1, to };
  return { v: 1, acks: [entry, ...Array.from({ length: Math.floor(bytes / 580) }, () => ({ ...entry, refused: 'x'.repeat(500) }))] };
}

function firstMessage(client: MqttClient): Promise<Ack> {
  return new Promise((resolve) => client.once('message', (_topic, payload) => resolve(JSON.parse(payload.toString()) as Ack)));
}

const closing = (client: MqttClient) => new Promise<void>((resolve) => client.once('close', () => resolve()));

/** A client that subscribes to its acknowledgements and then never reads again. */
async function connectFrozen(id: string): Promise<Socket> {
  const text = (value: string) => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)]);
  const packet = (type: number, body: Buffer) => Buffer.concat([Buffer.from([type, body.length]), body]);
  const socket = connectSocket(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(packet(0x10, Buffer.concat([text('MQTT'), Buffer.from([4, 2, 0, 60]), text(id)])));
  await once(socket, 'data');
  socket.write(packet(0x82, Buffer.concat([Buffer.from([0, 1]), text(buildTopic('ack', id)), Buffer.from([1])])));
  await once(socket, 'data');
  socket.pause();
  return socket;
}

describe('Broker', () => {
  it('serves others while one client does not read', async () => {
    const frozen = await connectFrozen('frozen');
    const client = await connect('line-01');
    await listen(client, 'line-01');
    // More than its socket and the kernel hold, and more messages than the broker has slots.
    for (let index = 0; index < 400; index += 1) broker.publish('ack', 'frozen', ack(1, 50_000)).catch(() => undefined);
    const heard = firstMessage(client);
    await broker.publish('ack', 'line-01', ack(7));
    expect((await heard).acks[0]?.to).toBe(7);
    frozen.destroy();
    client.end(true);
  });

  it('gathers nothing for a client that is away, even one that asked for it', async () => {
    const client = await connect('line-01', false);
    await listen(client, 'line-01');
    await client.endAsync();
    await broker.publish('ack', 'line-01', ack(1));
    const again = mqtt.connect(`mqtt://127.0.0.1:${port}`, { clientId: 'line-01', clean: false, reconnectPeriod: 0 });
    const heard = firstMessage(again);
    await listen(again, 'line-01');
    await broker.publish('ack', 'line-01', ack(2));
    expect((await heard).acks[0]?.to).toBe(2);
    again.end(true);
  });

  it('stops while clients are connected and while one has not said a word', async () => {
    const client = await connect('line-01');
    client.on('error', () => undefined);
    const mute = connectSocket(port, '127.0.0.1');
    mute.on('error', () => undefined);
    await once(mute, 'connect');
    const closed = Promise.all([closing(client), once(mute, 'close')]);
    await broker.stop();
    await closed;
  });

  it('says which port is in use', async () => {
    const second = new Broker({ host: '127.0.0.1', port, logger, clock: Date.now, onMessage: async () => undefined });
    await expect(second.start()).rejects.toMatchObject({ code: 'port_in_use', message: expect.stringContaining(`127.0.0.1:${port}`) });
    await second.stop();
  });
});
