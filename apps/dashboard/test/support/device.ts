/** @file A device as the hub sees it: the real MQTT client, and what it heard. */
import {
  type Ack,
  buildTopic,
  type Decoded,
  type DesiredBody,
  type DeviceRequest,
  decode,
  decodeBody,
  type Keys,
  type ManifestBody,
  type MessageOf,
  parseTopic,
  type TopicName,
} from '@alpharho/protocol';
import { connectAsync, type MqttClient } from 'mqtt';
import { session as defaultSession, lastWill, presence } from './messages.ts';

type Options = { port: number; id?: string; session?: string; will?: boolean; listen?: boolean; offsetMs?: number };

/** A desired state whose signatures a device would look at, and its variant's manifest. */
type Heard = Omit<DesiredBody, 'manifest'> & { readonly manifest: ManifestBody };

export class TestDevice {
  readonly id: string;
  readonly client: MqttClient;
  readonly acks: Ack['acks'] = [];
  readonly desired: Heard[] = [];
  readonly keys: Keys[] = [];
  readonly requests: DeviceRequest[] = [];
  private readonly waiting = new Set<() => void>();

  constructor(id: string, client: MqttClient) {
    this.id = id;
    this.client = client;
    client.on('message', (topic, payload) => {
      const name = parseTopic(topic)?.name;
      if (name === 'ack') this.acks.push(...read('ack', payload).acks);
      else if (name === 'request') this.requests.push(read('request', payload));
      else if (name === 'keys') this.keys.push(read('keys', payload));
      else this.desired.push(opened(read('desired', payload)));
      for (const look of this.waiting) look();
    });
  }

  /** Publishes and does not wait for anything. */
  send<T extends TopicName>(name: T, message: MessageOf<T>): void {
    this.sendRaw(name, JSON.stringify(message));
  }

  sendRaw(name: TopicName, payload: string | Buffer): void {
    this.client.publish(buildTopic(name, this.id), payload, { qos: 1 });
  }

  /** Waits for the first acknowledgement that `fits`, counted from the first one ever. */
  async ack(fits: (ack: Ack['acks'][number]) => boolean): Promise<Ack['acks'][number]> {
    return this.until(() => this.acks.find(fits));
  }

  async until<T>(find: () => T | undefined): Promise<T> {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        const look = () => {
          this.waiting.delete(look);
          resolve();
        };
        this.waiting.add(look);
      });
    }
  }

  /** Sends, and waits until the hub has committed or refused the last result of it. */
  async sendResults(batch: MessageOf<'results'>): Promise<Ack['acks'][number]> {
    const last = batch.results.at(-1)?.seq ?? 0;
    const before = this.acks.length;
    this.send('results', batch);
    return this.until(() => this.acks.slice(before).find((ack) => ack.session === batch.session && ack.from <= last && ack.to >= last));
  }

  /** The connection is cut without a word. */
  async vanish(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.client.once('close', () => resolve()));
    this.client.stream.destroy();
    await closed;
    await this.client.endAsync(true);
  }

  async leave(): Promise<void> {
    await this.client.endAsync();
  }
}

function read<T extends TopicName>(name: T, payload: Buffer): MessageOf<T> {
  const decoded = decode(name, payload);
  if (!decoded.ok) throw new Error(`the hub sent what is no ${name}: ${decoded.message}`);
  return decoded.value;
}

function opened({ body }: MessageOf<'desired'>): Heard {
  const desired = document(decodeBody('desired', body));
  return { ...desired, manifest: document(decodeBody('manifest', desired.manifest.body)) };
}

function document<T>(decoded: Decoded<T>): T {
  if (!decoded.ok) throw new Error(`the hub signed what is no document: ${decoded.message}`);
  return decoded.value;
}

/** Connects as an agent does: last will, then birth. */
export async function connectDevice(options: Options): Promise<TestDevice> {
  const { port, id = 'line-01', session = defaultSession, will = true, listen = true, offsetMs = 0 } = options;
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, {
    clientId: id,
    reconnectPeriod: 0,
    ...(will && {
      will: { topic: buildTopic('presence', id), payload: Buffer.from(JSON.stringify(lastWill({ session }))), qos: 1, retain: true },
    }),
  });
  client.on('error', () => undefined);
  const device = new TestDevice(id, client);
  const heard = (['keys', 'ack', 'desired', 'request'] as const).map((name) => buildTopic(name, id));
  if (listen) await client.subscribeAsync(heard, { qos: 1 });
  device.send('presence', presence({ session, at: Date.now() + offsetMs }));
  return device;
}
