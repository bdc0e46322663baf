/** @file A device without camera and model: it walks the real update machine over MQTT, and downloads, hashes and commits what it is given. */
import {
  buildTopic,
  type DesiredBody,
  decode,
  decodeBody,
  initialUpdateState,
  isProven,
  parseTopic,
  reduce,
  type UpdateEvent,
  type UpdateState,
  updatePolicyOf,
  type Variant,
} from '@alpharho/protocol';
import mqtt, { type MqttClient } from 'mqtt';
import { fetchBytes } from './fetch.ts';

export class DownloadingDevice {
  private readonly id: string;
  private readonly session: string;
  private readonly client: MqttClient;
  private readonly httpPort: number;
  private readonly variants = new Map<string, Variant>();
  private state: UpdateState;
  private wanted: DesiredBody | undefined;
  private proven: (() => void) | undefined;

  private constructor(id: string, client: MqttClient, serving: Variant, httpPort: number) {
    this.id = id;
    this.session = `bench-${id}`.padEnd(8, '-');
    this.client = client;
    this.httpPort = httpPort;
    this.variants.set(serving.sha256, serving);
    this.state = initialUpdateState(serving.sha256);
  }

  static async connect(id: string, ports: { mqtt: number; http: number }, serving: Variant, fail: (error: Error) => void) {
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${ports.mqtt}`, { clientId: id, reconnectPeriod: 0 });
    const device = new DownloadingDevice(id, client, serving, ports.http);
    const { session } = device;
    const hardware = { model: 'Bench board', arch: 'arm64', cores: 4, memoryBytes: 4e9 };
    const agent = { version: '0.1.0', camera: 'none', hardware };
    await device.send('presence', { v: 1, session, state: 'online', at: Date.now(), agent });
    await device.report();
    client.on('message', (topic, payload) => {
      if (parseTopic(topic)?.name === 'desired') device.take(payload).catch(fail);
      else device.hear(payload);
    });
    await client.subscribeAsync([buildTopic('ack', id), buildTopic('desired', id)], { qos: 1 });
    return device;
  }

  async leave(): Promise<void> {
    await this.client.endAsync(true);
  }

  private async take(payload: Buffer): Promise<void> {
    const signed = decode('desired', payload);
    const body = signed.ok ? decodeBody('desired', signed.value.body) : signed;
    if (!body.ok) throw new Error(body.message);
    const manifest = decodeBody('manifest', body.value.manifest.body);
    if (!manifest.ok) throw new Error(manifest.message);
    const { variant } = manifest.value;
    this.variants.set(variant.sha256, variant);
    this.wanted = body.value;
    await this.apply({ type: 'desired', revision: body.value.revision, sha256: variant.sha256 });
    if (this.state.phase === 'downloading') await this.update(variant, body.value);
  }

  private async update(variant: Variant, { url, policy }: DesiredBody): Promise<void> {
    const path = new URL(url, 'http://hub').pathname;
    const found = await fetchBytes({ port: this.httpPort, path, bytes: variant.bytes, hash: true });
    if (found !== variant.sha256) throw new Error(`${this.id}: the file has another SHA-256`);
    const frames = Array.from({ length: policy.probation.frames }, () => ({ type: 'frame' }) as const);
    const steps = ['downloaded', 'verified', 'warmup_started', 'warmed', 'switched'] as const;
    for (const event of [...steps.map((type) => ({ type })), ...frames]) await this.apply(event);
    if (isProven(this.state, updatePolicyOf(policy))) await this.hubsWord();
    await this.apply({ type: 'acknowledged' });
  }

  /** It tells that it has proven itself; that the hub has committed this is its word. */
  private async hubsWord(): Promise<void> {
    const heard = new Promise<void>((resolve) => {
      this.proven = resolve;
    });
    const { session } = this;
    const at = Date.now();
    const words = { id: 'update.proven', level: 'info', message: 'proven', detail: { revision: this.state.revision } };
    await this.send('events', { v: 1, stream: 'status', session, seq: 1, sentAt: at, at, ...words });
    await heard;
  }

  private hear(payload: Buffer): void {
    const ack = decode('ack', payload);
    if (ack.ok && ack.value.acks.some(({ stream, session }) => stream === 'status' && session === this.session)) this.proven?.();
  }

  private async apply(event: UpdateEvent): Promise<void> {
    if (this.wanted === undefined) return;
    const before = this.state;
    this.state = reduce(before, event, updatePolicyOf(this.wanted.policy));
    if (this.state.phase !== before.phase) await this.report();
  }

  private async report(): Promise<void> {
    const { phase, revision, outcome, target, committed } = this.state;
    const serving = this.variants.get((phase === 'probation' ? target : committed) ?? '');
    const at = Date.now();
    const done = outcome === undefined ? {} : { outcome: outcome.code };
    await this.send('reported', { v: 1, session: this.session, at, serving, servingSince: at, revision, phase, phaseSince: at, ...done });
  }

  private async send(name: 'presence' | 'reported' | 'events', message: object): Promise<void> {
    await this.client.publishAsync(buildTopic(name, this.id), JSON.stringify(message), { qos: 1 });
  }
}
