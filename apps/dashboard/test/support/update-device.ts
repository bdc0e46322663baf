/** @file A device that walks the protocol's real update machine over the real wire, without cameras, files or models. */
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
  type UpdatePhase,
  type UpdateState,
  updatePolicyOf,
  type Variant,
} from '@alpharho/protocol';
import { connectDevice, type TestDevice } from './device.ts';
import { event, reported } from './messages.ts';

type Options = {
  port: number;
  id: string;
  serving: Variant;
  /** Where the new variant stays, until go(). */
  stopAt?: UpdatePhase;
  /** A kept device, that connects again: how far it was, and what it has files of. */
  state?: UpdateState;
  files?: readonly Variant[];
};

type Wanted = { readonly body: DesiredBody; readonly variant: Variant };

/** Fewer frames than the policy asks for are enough to walk; each is one event of the machine. */
export class UpdateDevice {
  readonly device: TestDevice;
  state: UpdateState;
  stopAt: UpdatePhase | undefined;
  /** What the machine is refused with where it comes to that phase. */
  refuse: { phase: UpdatePhase; code: 'shadow_slow' } | undefined;
  /** Downloads that were begun. */
  downloads = 0;
  readonly desired: DesiredBody[] = [];
  private readonly session: string;
  private readonly serving = new Map<string, Variant>();
  private wanted: Wanted | undefined;
  private seq = 0;
  private proven = 0;

  private constructor(device: TestDevice, session: string, { serving, stopAt, state, files = [] }: Options) {
    this.device = device;
    this.session = session;
    for (const variant of [serving, ...files]) this.serving.set(variant.sha256, variant);
    this.state = state ?? initialUpdateState(serving.sha256);
    this.stopAt = stopAt;
    device.client.on('message', (topic, payload) => {
      if (parseTopic(topic)?.name === 'desired') this.want(payload);
      else this.walk();
    });
  }

  static async connect(options: Options): Promise<UpdateDevice> {
    const session = `session-${Math.random().toString(36).slice(2, 12).padEnd(8, '0')}`;
    // It listens to what it is to be when there is somebody who hears.
    const device = await connectDevice({ port: options.port, id: options.id, session, listen: false });
    const created = new UpdateDevice(device, session, options);
    created.report();
    await device.client.subscribeAsync([buildTopic('ack', options.id), buildTopic('desired', options.id)], { qos: 1 });
    return created;
  }

  /** The digest of what answers frames. */
  get servingId(): string {
    const { phase, target, committed } = this.state;
    return (phase === 'probation' ? target : committed) ?? '';
  }

  go(): void {
    this.stopAt = undefined;
    this.walk();
  }

  async leave(): Promise<void> {
    this.device.client.removeAllListeners('message');
    this.device.client.end(true);
  }

  private want(payload: Buffer): void {
    const signed = decode('desired', payload);
    if (!signed.ok) throw new Error(signed.message);
    const body = decodeBody('desired', signed.value.body);
    if (!body.ok) throw new Error(body.message);
    this.take(body.value);
  }

  private take(body: DesiredBody): void {
    const manifest = decodeBody('manifest', body.manifest.body);
    if (!manifest.ok) throw new Error(manifest.message);
    const { variant } = manifest.value;
    this.desired.push(body);
    this.wanted = { body, variant };
    this.serving.set(variant.sha256, variant);
    this.apply({ type: 'desired', revision: body.revision, sha256: variant.sha256 });
    this.walk();
  }

  private apply(event: UpdateEvent): void {
    if (this.wanted === undefined) return;
    const before = this.state;
    this.state = reduce(before, event, updatePolicyOf(this.wanted.body.policy));
    if (this.state.phase === 'downloading' && before.phase !== 'downloading') this.downloads += 1;
    if (this.state.phase !== before.phase || this.state.revision !== before.revision) this.report();
  }

  /** After what runs now: a step reports, and what it hears may be the next step. */
  private walk(): void {
    queueMicrotask(() => this.steps());
  }

  private steps(): void {
    for (let event = this.next(); event !== undefined; event = this.next()) this.apply(event);
    if (this.state.phase === 'staged' && this.wanted?.body.hold) this.report({ held: true });
  }

  private next(): UpdateEvent | undefined {
    const { phase, frames } = this.state;
    if (this.wanted === undefined || phase === this.stopAt) return undefined;
    const { policy, hold } = this.wanted.body;
    if (this.refuse?.phase === phase) {
      const error = { code: this.refuse.code, message: 'slower than it may be' };
      return { type: 'failed', code: 'refused', error };
    }
    switch (phase) {
      case 'downloading':
        return { type: 'downloaded' };
      case 'verifying':
        return { type: 'verified' };
      case 'staged':
        return hold ? undefined : { type: 'warmup_started' };
      case 'warming':
        return { type: 'warmed' };
      case 'shadowing':
        return frames < policy.shadow.frames ? { type: 'frame' } : { type: 'shadowed' };
      case 'switching':
        return { type: 'switched' };
      case 'probation':
        return isProven(this.state, updatePolicyOf(policy)) ? this.hubsWord() : { type: 'frame' };
      default:
        return undefined;
    }
  }

  /** As an agent does: it tells that it has proven itself, and the hub's acknowledgement of that is its word. */
  private hubsWord(): UpdateEvent | undefined {
    const { revision } = this.state;
    if (this.proven < revision) {
      this.proven = revision;
      this.seq += 1;
      const words = { id: 'update.proven', level: 'info' as const, message: 'proven', detail: { revision } };
      this.device.send('events', event({ stream: 'status', session: this.session, seq: this.seq, ...words }));
    }
    const heard = this.device.acks.some(({ stream, session, to }) => stream === 'status' && session === this.session && to >= this.seq);
    return heard ? { type: 'acknowledged' } : undefined;
  }

  private report(more: { held?: true } = {}): void {
    const { revision, phase, outcome } = this.state;
    const serving = this.serving.get(this.servingId);
    if (serving === undefined) throw new Error(`${this.device.id}: serves what it never heard of`);
    const at = Date.now();
    const error = outcome?.error === undefined ? {} : { lastError: { ...outcome.error, at } };
    const done = outcome === undefined ? {} : { outcome: outcome.code };
    this.device.send('reported', reported({ session: this.session, serving, revision, phase, ...done, ...error, ...more }));
  }
}
