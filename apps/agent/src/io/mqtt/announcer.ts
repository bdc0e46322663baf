/** @file A connection to somebody else's broker, Home Assistant's: best effort, and apart from the way to the hub, so that its faults cost no result. */
import { buildTopic, type DeviceId, type DeviceState, encode } from '@alpharho/protocol';
import type { MqttClient } from 'mqtt';
import mqtt from 'mqtt';
import { type Clock, within } from '../../domain/clock.ts';
import { availabilityTopic } from '../../domain/home-assistant.ts';
import type { Announcer, Log } from '../../domain/ports.ts';
import { redactUrl } from '../system/redact.ts';
import { unpooled } from './unpooled.ts';

const keepaliveSeconds = 30;
const connectTimeoutMs = 10_000;
/** The client tries again by itself; nobody waits for it. */
const reconnectMs = 15_000;
/** What the broker may take to hear that the board leaves. */
const stopMs = 500;

export type MqttAnnouncerOptions = {
  readonly url: string;
  readonly device: DeviceId;
  readonly clock: Clock;
  readonly log: Log;
  /** It connects when this has ended: what stood elsewhere is taken back under the same name, perhaps at the same broker. Never rejects. */
  readonly after: Promise<void>;
};

export class MqttAnnouncer implements Announcer {
  private readonly options: MqttAnnouncerOptions;
  private client: MqttClient | undefined;
  private stopped = false;
  /** One line where the state changes; the tries in between are silent. */
  private wasUp: boolean | undefined;

  constructor(options: MqttAnnouncerOptions) {
    this.options = options;
  }

  start(onUp: () => void): void {
    void this.options.after.then(() => {
      if (!this.stopped) this.connect(onUp);
    });
  }

  publish(topic: string, payload: string, retain: boolean): void {
    const { client } = this;
    if (client?.connected === true) unpooled(() => client.publish(topic, payload, { qos: 1, retain }, () => undefined));
  }

  state(state: DeviceState): void {
    const { client } = this;
    if (client?.connected !== true) return;
    const topic = buildTopic('state', this.options.device);
    unpooled(() => client.publish(topic, encode('state', state), { qos: 0 }));
  }

  async stop(): Promise<void> {
    const { client } = this;
    this.stopped = true;
    this.client = undefined;
    if (client?.connected === true) {
      const topic = availabilityTopic(this.options.device);
      // An end without DISCONNECT would bring the will as well.
      const left = client.publishAsync(topic, 'offline', { qos: 1, retain: true }).then(() => client.endAsync(false));
      await within(
        this.options.clock,
        stopMs,
        left.catch(() => undefined),
      );
    }
    client?.end(true);
  }

  private connect(onUp: () => void): void {
    const { url, device, log } = this.options;
    const place = redactUrl(url);
    const client = connect(url, device, { topic: availabilityTopic(device), payload: Buffer.from('offline'), qos: 1, retain: true });
    this.client = client;
    client.on('connect', () => {
      this.wasUp = true;
      log.info(`Home Assistant's broker: connected to ${place}`);
      onUp();
    });
    const lost = (reason: string): void => {
      if (this.wasUp !== false && this.client !== undefined)
        log.warn(`Home Assistant's broker ${place} is out of reach (${reason}); it is tried again`);
      this.wasUp = false;
    };
    client.on('error', (error) => lost(error.message));
    client.on('close', () => lost('the connection was closed'));
  }
}

/** Takes back what was announced, on a connection of its own. @returns false where the broker cannot be reached now */
export async function withdraw({ url, device, topics }: { url: string; device: DeviceId; topics: readonly string[] }): Promise<boolean> {
  const client = connect(url, device, undefined);
  try {
    const isUp = await new Promise<boolean>((resolve) => {
      client.on('connect', () => resolve(true));
      client.on('error', () => resolve(false));
      client.on('close', () => resolve(false));
    });
    if (!isUp) return false;
    // An empty retained message deletes the one before it (MQTT-3.3.1-10), and with it the entities.
    await Promise.all(topics.map((topic) => client.publishAsync(topic, '', { qos: 1, retain: true })));
    return true;
  } catch {
    return false;
  } finally {
    client.removeAllListeners();
    client.on('error', () => undefined);
    client.end(true);
  }
}

type Will = NonNullable<mqtt.IClientOptions['will']>;

/** The address's path is the discovery prefix and none of the broker's business. */
function connect(url: string, device: DeviceId, will: Will | undefined): MqttClient {
  const broker = new URL(url);
  broker.pathname = '';
  return mqtt.connect(broker.href, {
    protocolVersion: 4,
    clean: true,
    clientId: `alpharho-${device}`,
    keepalive: keepaliveSeconds,
    connectTimeout: connectTimeoutMs,
    reconnectPeriod: reconnectMs,
    queueQoSZero: false,
    // As in link.ts: the two share it.
    writeCache: false,
    ...(will !== undefined && { will }),
  });
}
