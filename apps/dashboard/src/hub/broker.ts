/** @file The embedded MQTT broker: aedes behind rules and limits. Knows devices and topics, nothing of what the messages say. */
import { createServer, type Server, type Socket } from 'node:net';
import { buildTopic, encode, type MessageOf, topics } from '@alpharho/protocol';
import { Aedes, type AedesPublishPacket, type AuthenticateError, type Client } from 'aedes';
import type { Logger } from '../server/logger.ts';
import { mayConnect, mayPublish, maySubscribe } from './broker-rules.ts';
import { type Incoming, isTaken } from './ingest/incoming.ts';
import { listen } from './listen.ts';
import { limitPackets } from './packet-size.ts';

type DownTopic = 'desired' | 'keys' | 'ack' | 'request';

/** Each with the failure that it prevents. */
const limits = {
  /** Memory: each connection may hold one packet of the largest size. */
  connections: 1024,
  /** Memory: the largest payload, and room for its topic. */
  packetBytes: Math.max(...Object.values(topics).map((topic) => topic.maxBytes)) + 1024,
  /** Half-open connections, milliseconds. */
  connectMs: 10_000,
  /** A client that vanished without a word is noticed, seconds. */
  keepaliveSeconds: 300,
  /** A client that does not read holds others up no longer than this, milliseconds. */
  drainMs: 10_000,
  /** Memory: packets before a client's session stands. */
  queue: 100,
  /** `alpharho/v1/{device}/{name}`; aedes before 1.1.1 could be crashed by a deep topic. */
  topicLevels: 4,
};

type Options = {
  host: string;
  /** 0 for any free one. */
  port: number;
  /** Resolves when the sender may go on. */
  onMessage: (message: Incoming) => Promise<void>;
  logger: Logger;
  clock: () => number;
};

/**
 * INVARIANTS: what reaches onMessage is of the device that the client is; nothing is kept for a client that is not connected, except the
 * retained desired state and set of keys.
 */
export class Broker {
  private readonly options: Options;
  private server: Server | undefined;
  private aedes: Aedes | undefined;
  private readonly sockets = new Set<Socket>();
  private closing = false;

  constructor(options: Options) {
    this.options = options;
  }

  /** @returns the port that it listens on. @throws AlpharhoError port_in_use | config_invalid */
  async start(): Promise<{ port: number }> {
    const aedes = await this.createAedes();
    const server = createServer({ noDelay: true }, (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
      limitPackets(socket, limits.packetBytes);
      aedes.handle(socket);
    });
    server.maxConnections = limits.connections;
    this.aedes = aedes;
    this.server = server;
    return listen(server, this.options.host, this.options.port, 'the MQTT broker', 'ALPHARHO_MQTT_PORT');
  }

  /** Takes no more messages; those who send are told nothing and will send again. */
  quiet(): void {
    this.closing = true;
  }

  /** Disconnects everyone. Their last wills are not heard: it is us who leave. */
  async stop(): Promise<void> {
    this.quiet();
    const { server, aedes } = this;
    if (server === undefined || aedes === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
    // Those who never said CONNECT are not aedes' clients.
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** Tells a device; kept for it where the topic table says so. */
  async publish<T extends DownTopic>(name: T, device: string, message: MessageOf<T>): Promise<void> {
    const { qos, retain } = topics[name];
    const packet = { cmd: 'publish' as const, topic: buildTopic(name, device), payload: encode(name, message), qos, retain, dup: false };
    await new Promise<void>((resolve, reject) => {
      this.aedes?.publish(packet, (error) => (error ? reject(error) : resolve()));
    });
  }

  private createAedes(): Promise<Aedes> {
    const { logger } = this.options;
    const refusals = new WeakMap<Client, string>();
    const created = Aedes.createBroker({
      connectTimeout: limits.connectMs,
      keepaliveLimit: limits.keepaliveSeconds,
      drainTimeout: limits.drainMs,
      queueLimit: limits.queue,
      maxTopicLevels: limits.topicLevels,
      preConnect: (client, packet, done) => {
        // A session that outlives its connection would gather messages for a client that may never come back.
        packet.clean = true;
        const verdict = mayConnect(packet.clientId, packet.will && { ...packet.will, qos: packet.will.qos ?? 0 });
        if (!verdict.ok) refusals.set(client, verdict.message);
        done(null, true);
      },
      authenticate: (client, _username, _password, done) => {
        const refusal = refusals.get(client);
        if (refusal === undefined) return done(null, true);
        // 2: identifier rejected, 5: not authorized (MQTT 3.1.1, 3.2.2.3).
        done(Object.assign(new Error(refusal), { returnCode: refusal.startsWith('client id') ? 2 : 5 }) as AuthenticateError, false);
      },
      authorizePublish: (client, packet, done) => {
        const verdict = mayPublish(client?.id ?? '', packet);
        // Nobody but the hub may read these topics, and it has them in its database.
        packet.retain = false;
        done(verdict.ok ? null : new Error(verdict.message));
      },
      authorizeSubscribe: (client, subscription, done) => {
        const allowed = maySubscribe(client.id, subscription.topic);
        if (!allowed) logger.warn({ device: client.id, filter: subscription.topic.slice(0, 200) }, 'refused a subscription');
        done(null, allowed ? subscription : null);
      },
      authorizeForward: (client, packet) => (isAck(packet) && isFrozen(client) ? null : packet),
      published: (packet, client, done) => this.onPublished(packet, client, done),
    });
    return created.then((aedes) => {
      aedes.on('clientError', (client, error) => logger.warn({ device: client.id, reason: error.message }, 'disconnected a client'));
      aedes.on('connectionError', (_client, error) => logger.warn({ reason: error.message }, 'refused a connection'));
      return aedes;
    });
  }

  private onPublished(packet: AedesPublishPacket, client: Client | null, done: () => void): void {
    const verdict = client === null || this.closing ? undefined : mayPublish(client.id, packet);
    if (client === null || !verdict?.ok || !isTaken(verdict.value)) {
      done();
      return;
    }
    const { clock, onMessage, logger } = this.options;
    // A copy: the packet's payload is a piece of a larger block that would be held as long as the message.
    const payload = Uint8Array.from(Buffer.from(packet.payload));
    onMessage({ device: client.id, topic: verdict.value, payload, arrivedAt: clock() }).then(done, (error: unknown) => {
      logger.error({ err: error, device: client.id }, 'a message was not taken');
      done();
    });
  }
}

/** Its socket is full. An acknowledgement can be spared: the device sends again and is acknowledged again. */
function isFrozen(client: Client): boolean {
  return (client.conn as Socket).writableNeedDrain;
}

function isAck(packet: AedesPublishPacket): boolean {
  return packet.topic.endsWith('/ack');
}
