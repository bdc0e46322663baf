/** @file A hub for tests: the real broker on a real port, which keeps what agents say and acknowledges as the hub does. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import {
  buildTopic,
  type DeviceRequest,
  decode,
  encode,
  type Keys,
  type MessageOf,
  parseTopic,
  type Signed,
  type TopicName,
} from '@alpharho/protocol';
import { Aedes } from 'aedes';
import { hubKeySet } from './signing.ts';

export type Heard = { [T in TopicName]: { readonly device: string; readonly message: MessageOf<T> }[] };

export type HubOptions = {
  /** Port of an earlier hub; any free one unless said. */
  readonly port?: number;
  /** Broker says no to every client. */
  readonly refuses?: boolean;
  /** Of a version that knows no requests: it lets nobody listen for them. */
  readonly older?: boolean;
};

/** One row of history: what a database would hold. */
export type Row = MessageOf<'results'>['results'][number] & { readonly session: string; readonly sha256: string };

export class TestHub {
  readonly heard: Heard = {
    presence: [],
    reported: [],
    results: [],
    telemetry: [],
    events: [],
    snapshot: [],
    state: [],
    desired: [],
    keys: [],
    request: [],
    ack: [],
  };
  /** By session and seq: later copies of a row are dropped, as the database drops them. */
  readonly history = new Map<string, Row>();
  duplicates = 0;
  connections = 0;
  /** False: messages are kept and not acknowledged. */
  acknowledges = true;
  private broker: Aedes | undefined;
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private readonly retained = new Map<string, Buffer>();
  port = 0;

  static async start(options: HubOptions = {}): Promise<TestHub> {
    const hub = new TestHub();
    await hub.listen(options);
    return hub;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** Listens again after `kill`, with the same history. */
  async listen({ port = this.port, refuses = false, older = false }: HubOptions = {}): Promise<void> {
    const broker = await Aedes.createBroker({
      authenticate: (_client, _user, _password, done) => {
        this.connections += 1;
        if (refuses) done(Object.assign(new Error('no'), { returnCode: 5 }), null);
        else done(null, true);
      },
      authorizePublish: (client, packet, done) => {
        const topic = parseTopic(packet.topic);
        const own = topic !== undefined && topic.device === client?.id;
        done(own ? null : new Error('not your topic'));
      },
    });
    if (older) {
      broker.authorizeSubscribe = (_client, subscription, done) =>
        done(null, subscription.topic.endsWith('/request') ? null : subscription);
    }
    broker.on('publish', (packet, client) => {
      if (client !== null) this.hear(packet.topic, packet.payload as Buffer);
    });
    this.broker = broker;
    const server = createServer((socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('error', () => undefined);
      broker.handle(socket);
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    for (const [topic, payload] of this.retained) this.publishRaw(topic, payload, true);
  }

  /** As SIGKILL: every connection breaks in the midst of whatever it was doing. */
  async kill(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => (this.server === undefined ? resolve() : this.server.close(() => resolve())));
    await new Promise<void>((resolve) => (this.broker === undefined ? resolve() : this.broker.close(resolve)));
    this.broker = undefined;
  }

  /** Retained, as the hub does, after the keys with which it is signed. */
  desire(device: string, desired: Signed): void {
    if (!this.retained.has(buildTopic('keys', device))) this.tellKeys(device, hubKeySet);
    this.retain('desired', device, desired);
  }

  tellKeys(device: string, keys: Keys): void {
    this.retain('keys', device, keys);
  }

  private retain<T extends 'desired' | 'keys'>(name: T, device: string, message: MessageOf<T>): void {
    const topic = buildTopic(name, device);
    const payload = encode(name, message);
    this.retained.set(topic, payload);
    this.publishRaw(topic, payload, true);
  }

  /** Asks a device for something. */
  ask(device: string, request: DeviceRequest): void {
    this.publishRaw(buildTopic('request', device), encode('request', request));
  }

  publishRaw(topic: string, payload: Buffer, retain = false): void {
    this.broker?.publish({ cmd: 'publish', topic, payload, qos: 1, retain, dup: false }, () => undefined);
  }

  /** The rows of a session in the order of their numbers. */
  rows(session?: string): Row[] {
    return [...this.history.values()].filter((row) => session === undefined || row.session === session).sort((a, b) => a.seq - b.seq);
  }

  private hear(topic: string, payload: Buffer): void {
    const parsed = parseTopic(topic);
    if (parsed === undefined) return;
    const { name, device } = parsed;
    const decoded = decode(name, payload);
    if (!decoded.ok) throw new Error(`the agent sent what the wire does not take: ${decoded.message}`);
    (this.heard[name] as { device: string; message: unknown }[]).push({ device, message: decoded.value });
    if (name === 'results') this.take(device, decoded.value as MessageOf<'results'>);
    if (name === 'telemetry') {
      const { session, seq } = decoded.value as MessageOf<'telemetry'>;
      this.ack(device, { stream: 'telemetry', session, from: seq, to: seq });
    }
    if (name === 'events') {
      const { stream, session, seq } = decoded.value as MessageOf<'events'>;
      this.ack(device, { stream, session, from: seq, to: seq });
    }
  }

  private take(device: string, { session, results, variants }: MessageOf<'results'>): void {
    if (!this.acknowledges) return;
    for (const result of results) {
      const key = `${session} ${result.seq}`;
      if (this.history.has(key)) this.duplicates += 1;
      else this.history.set(key, { ...result, session, sha256: variants[result.variant] ?? '' });
    }
    this.ack(device, { stream: 'results', session, from: results[0]?.seq ?? 1, to: results.at(-1)?.seq ?? 1 });
  }

  private ack(device: string, range: MessageOf<'ack'>['acks'][number]): void {
    if (this.acknowledges) this.publishRaw(buildTopic('ack', device), encode('ack', { v: 1, acks: [range] }));
  }
}
