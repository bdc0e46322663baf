/** @file The way to the hub over MQTT 3.1.1: birth, last will, and a connection that comes back by itself. */
import {
  AlpharhoError,
  buildTopic,
  type DeviceId,
  decode,
  encode,
  isAlpharhoError,
  type MessageOf,
  type Presence,
  parseTopic,
  type TopicName,
  topics,
} from '@alpharho/protocol';
import type { MqttClient } from 'mqtt';
import mqtt from 'mqtt';
import { type BackoffPolicy, backoffMs } from '../../domain/backoff.ts';
import { type Cancel, type Clock, within } from '../../domain/clock.ts';
import type { Emit } from '../../domain/events.ts';
import type { Link, LinkListener, Log } from '../../domain/ports.ts';
import { redactUrl } from '../system/redact.ts';
import { OtherAgents } from './other-agents.ts';
import { unpooled } from './unpooled.ts';

/** A broker notices a silent client after 1.5 × this (MQTT-3.1.2-24), and tells the hub. Seconds. */
const keepaliveSeconds = 15;
const connectTimeoutMs = 10_000;
/** A broker that has taken the connection answers birth and subscriptions within this. */
const greetMs = 10_000;
/** A broker confirms what it was sent within this, or it is taken for dead: a half-open connection looks the same. */
const confirmMs = 20_000;
const reconnect: BackoffPolicy = { baseMs: 1000, maxMs: 15_000 };
/** A connection that held this long was a good one: the next wait is a short one again. */
const stableMs = 20_000;
/** Two agents of one name take the connection from each other; they are not to do so many times a minute. */
const contested: BackoffPolicy = { baseMs: 30_000, maxMs: 120_000 };
/** So long without another agent of this name, and there is none any more. */
const calmMs = 180_000;

/** The keys first: what is desired is signed with them. */
const heard = ['keys', 'desired', 'ack'] as const satisfies readonly TopicName[];
/** An older hub's broker does not know these, and need not. The device's own presence tells of others of its name. */
const welcome = ['request'] as const satisfies readonly TopicName[];

/** mqtt's words for a CONNACK and a PINGRESP that did not come. */
const silence = /connack timeout|keepalive timeout/i;

export type MqttLinkOptions = {
  readonly url: string;
  readonly device: DeviceId;
  /** Both are asked for at each connect. */
  readonly birth: () => Presence;
  readonly will: () => Presence;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly emit: Emit;
};

/** INVARIANT: at most one client lives; each connection has its own, so nothing of an old one is ever sent late. */
export class MqttLink implements Link {
  private readonly options: MqttLinkOptions;
  private readonly place: string;
  private listener: LinkListener | undefined;
  private client: MqttClient | undefined;
  private isUp = false;
  private upSince = 0;
  private attempts = 0;
  /** What was logged last; the same is not logged again. */
  private told: string | undefined;
  private cancelRetry: Cancel | undefined;
  private cancelCalm: Cancel | undefined;
  private readonly others: OtherAgents;
  private readonly waiting = new Set<(error: AlpharhoError) => void>();

  constructor(options: MqttLinkOptions) {
    this.options = options;
    this.place = redactUrl(options.url);
    this.others = new OtherAgents(options.birth().session);
  }

  start(listener: LinkListener): void {
    this.listener = listener;
    this.connect();
  }

  async publish<T extends TopicName>(name: T, message: MessageOf<T>): Promise<void> {
    const payload = encode(name, message);
    const { client } = this;
    if (client === undefined || !this.isUp) throw this.unreachable();
    await this.send(client, name, payload);
  }

  async stop(farewell: Presence, graceMs: number): Promise<void> {
    this.cancelRetry?.();
    this.cancelCalm?.();
    this.listener = undefined;
    const { client } = this;
    if (client === undefined) return;
    this.client = undefined;
    this.isUp = false;
    if (client.connected) await this.leave(client, farewell, graceMs);
    drop(client);
    this.giveUpWaiting();
  }

  private async leave(client: MqttClient, farewell: Presence, graceMs: number): Promise<void> {
    const { clock } = this.options;
    // As soon as the connection stands the birth may be out, and must not stand there alone.
    const said = this.send(client, 'presence', encode('presence', farewell)).catch(() => undefined);
    await within(clock, graceMs, said);
    // A forced end leaves out DISCONNECT, and the broker would publish the will over our farewell.
    client.end(false);
    await within(clock, graceMs, new Promise<void>((resolve) => client.once('close', () => resolve())));
  }

  /** Nothing that was sent on a connection that is gone will be confirmed. */
  private giveUpWaiting(): void {
    for (const reject of [...this.waiting]) reject(this.unreachable());
  }

  private connect(): void {
    const { url, device, will } = this.options;
    const client = mqtt.connect(url, {
      protocolVersion: 4,
      clean: true,
      clientId: device,
      keepalive: keepaliveSeconds,
      connectTimeout: connectTimeoutMs,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      // 65536 two-byte buffers, 7 MB, so that a number need not be written anew.
      writeCache: false,
      will: { topic: buildTopic('presence', device), payload: encode('presence', will()), qos: 1, retain: true },
    });
    this.client = client;
    let reason: Error | undefined;
    client.on('error', (error) => {
      reason = error;
    });
    client.on('connect', () => void this.greetInTime(client));
    client.on('message', (topic, payload) => this.receive(topic, payload));
    client.on('close', () => {
      if (reason !== undefined && silence.test(reason.message)) this.silent(client, reason.message);
      else this.lost(client, reason);
    });
  }

  private async greetInTime(client: MqttClient): Promise<void> {
    const cancel = this.options.clock.after(greetMs, () => this.silent(client, 'it does not answer birth and subscriptions'));
    await this.greet(client).catch((error: unknown) => this.refuse(client, error));
    cancel();
  }

  /** Presence before the subscriptions: whoever answers a desired state has said who it is. */
  private async greet(client: MqttClient): Promise<void> {
    const { device, clock } = this.options;
    // Who held this name before us is known only before our birth takes its place.
    await client.subscribeAsync(buildTopic('presence', device), { qos: 1 }).catch(() => undefined);
    if (this.client !== client) return;
    const birth = this.send(client, 'presence', encode('presence', this.options.birth()));
    // Waited for below, where the subscriptions were not refused.
    birth.catch(() => undefined);
    const topicsOf = (names: readonly TopicName[]) => names.map((name) => buildTopic(name, device));
    await client.subscribeAsync(topicsOf(heard), { qos: 1 }).catch(refusedSubscription);
    await client.subscribeAsync(topicsOf(welcome), { qos: 1 }).catch(() => undefined);
    await birth;
    if (this.client !== client) return;
    this.isUp = true;
    this.upSince = clock.monotonic();
    this.others.born();
    this.cancelCalm = clock.after(calmMs, () => this.calm());
    this.tell('info', `connected to ${this.place}`);
    this.listener?.up();
  }

  private refuse(client: MqttClient, error: unknown): void {
    if (this.client !== client) return;
    if (isAlpharhoError(error, 'broker_refused'))
      this.tell('warn', `broker ${this.place} refuses ${this.options.device}: ${error.message}`);
    client.end(true);
  }

  /** The broker holds the connection and says nothing on it: better a new one. */
  private silent(client: MqttClient, what: string): void {
    if (this.client !== client) return;
    const message = `broker ${this.place} took the connection and then said nothing (${what}); it is connected to anew`;
    if (this.told !== message && this.listener !== undefined) this.options.emit({ id: 'link.silent', level: 'warning', message });
    this.told = message;
    this.lost(client, undefined);
  }

  private meet({ session, state }: Presence): void {
    const news = this.others.hear(session, state);
    if (news === undefined) return;
    const { device, emit } = this.options;
    const message = `another agent calls itself ${device} (session ${news}): each takes the connection from the other; give each its own --id`;
    emit({ id: 'link.duplicate', level: 'error', message, detail: { session: news } });
    this.listener?.fault(new AlpharhoError('duplicate_id', message));
  }

  private calm(): void {
    if (this.others.forget()) this.listener?.fault(undefined);
  }

  private lost(client: MqttClient, reason: Error | undefined): void {
    if (this.client !== client) return;
    drop(client);
    this.cancelCalm?.();
    this.client = undefined;
    const { clock, random } = this.options;
    if (this.isUp && clock.monotonic() - this.upSince >= stableMs) this.attempts = 0;
    this.attempts += 1;
    this.tellLoss(reason);
    const wasUp = this.isUp;
    this.isUp = false;
    this.giveUpWaiting();
    if (wasUp) this.listener?.down();
    const policy = this.others.known ? contested : reconnect;
    if (this.listener !== undefined) this.cancelRetry = clock.after(backoffMs(policy, this.attempts, random), () => this.connect());
  }

  /** One line where the state changes; the tries in between are silent. */
  private tellLoss(reason: Error | undefined): void {
    if (this.listener === undefined || this.told?.includes('said nothing')) return;
    const detail = reason?.message || 'the connection was closed';
    // 1 to 5 are CONNACK's refusals (MQTT-3.2.2.3).
    const code = reason !== undefined && 'code' in reason ? reason.code : undefined;
    if (typeof code === 'number' && code >= 1 && code <= 5) {
      this.tell('warn', `broker ${this.place} refuses ${this.options.device}: ${detail}; check its address and credentials`);
    } else if (this.told === undefined || this.isUp) {
      this.tell('warn', `broker ${this.place} is out of reach (${detail}); results are kept, and sent when it answers`);
    }
  }

  private tell(level: 'info' | 'warn', line: string): void {
    if (line === this.told) return;
    this.told = line;
    this.options.log[level](line);
  }

  private receive(topic: string, payload: Buffer): void {
    const parsed = parseTopic(topic);
    if (parsed === undefined || parsed.device !== this.options.device) {
      this.listener?.refused(
        new AlpharhoError('wrong_device', `a message for topic ${topic.slice(0, 120)} came to ${this.options.device}`),
      );
      return;
    }
    // A retained message that was deleted comes as an empty one: nothing is desired.
    if (payload.byteLength === 0 && (parsed.name === 'desired' || parsed.name === 'keys')) return;
    if (parsed.name === 'desired') {
      const decoded = decode('desired', payload);
      if (decoded.ok) this.listener?.desired(decoded.value);
      else this.listener?.refused(new AlpharhoError(decoded.code, decoded.message));
      return;
    }
    if (parsed.name === 'keys') {
      const decoded = decode('keys', payload);
      if (decoded.ok) this.listener?.keys(decoded.value);
      else this.options.log.warn(`a key set that cannot be read was passed over: ${decoded.message}`);
    } else if (parsed.name === 'ack') {
      const decoded = decode('ack', payload);
      if (decoded.ok) this.listener?.ack(decoded.value);
      else this.options.log.warn(`an ack that cannot be read was passed over: ${decoded.message}`);
    } else if (parsed.name === 'presence') {
      const decoded = decode('presence', payload);
      if (decoded.ok) this.meet(decoded.value);
    } else if (parsed.name === 'request') {
      const decoded = decode('request', payload);
      if (decoded.ok) this.listener?.request(decoded.value);
      else this.options.log.warn(`a request that cannot be read was passed over: ${decoded.message}`);
    }
  }

  private send(client: MqttClient, name: TopicName, payload: Buffer): Promise<void> {
    const { qos, retain } = topics[name];
    return new Promise((resolve, reject) => {
      const cancel = this.options.clock.after(confirmMs, () => this.silent(client, `it does not confirm ${name}`));
      const settle = (error: Error | undefined): void => {
        cancel();
        this.waiting.delete(settle);
        if (error === undefined) resolve();
        else reject(isAlpharhoError(error) ? error : this.unreachable(error));
      };
      // mqtt keeps callbacks of a closed connection for the next one; there is no next one here.
      this.waiting.add(settle);
      const topic = buildTopic(name, this.options.device);
      unpooled(() => client.publish(topic, payload, { qos, retain }, (error) => settle(error ?? undefined)));
    });
  }

  private unreachable(cause?: unknown): AlpharhoError {
    return new AlpharhoError('broker_unreachable', `no connection to ${this.place}`, { cause });
  }
}

/** 128 is SUBACK's word for "no" (MQTT-3.9.3), of which mqtt makes an error. */
function refusedSubscription(error: unknown): never {
  const refused = error instanceof Error && 'code' in error && error.code === 128;
  throw refused ? new AlpharhoError('broker_refused', 'the broker refuses the subscription', { cause: error }) : error;
}

function drop(client: MqttClient): void {
  client.removeAllListeners();
  // A late error of a dead client must not end the process.
  client.on('error', () => undefined);
  client.end(true);
}
