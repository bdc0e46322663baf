/** @file Sends one stream of the spool in order, a few messages ahead of the hub's acknowledgements, again where they stay out. */
import { isAlpharhoError, type MessageOf } from '@alpharho/protocol';
import type { Cut } from '../domain/batches.ts';
import type { Cancel, Clock } from '../domain/clock.ts';
import type { Log, OutboxEntry, OutboxRange, Position, Stream } from '../domain/ports.ts';

export type AckRange = MessageOf<'ack'>['acks'][number];

/** Waits for the hub's commit, milliseconds; doubled while it stays silent. */
const firstAckTimeoutMs = 10_000;
const maxAckTimeoutMs = 60_000;

export type StreamSenderOptions<M> = {
  readonly stream: Stream;
  /** Messages that may wait for their acknowledgement at a time. */
  readonly maxInFlight: number;
  /** Entries read at a time: at most one message's worth. */
  readonly maxEntries: number;
  readonly read: (stream: Stream, after: Position | undefined, limit: number) => Promise<OutboxEntry[]>;
  readonly remove: (ranges: readonly OutboxRange[]) => Promise<void>;
  readonly cut: (entries: readonly OutboxEntry[]) => Cut<M> | undefined;
  readonly publish: (message: M) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
};

type InFlight = { readonly session: string; from: number; readonly to: number };

/**
 * INVARIANTS: messages leave in the outbox's order; an entry is removed only when an acknowledgement names it; after a new
 * connection or a silent hub, sending begins anew at the oldest entry ("go back N"), which the hub's dropping of duplicates
 * makes harmless. `generation` rises with each new beginning, so that a read of an older one changes nothing.
 */
export class StreamSender<M> {
  private readonly options: StreamSenderOptions<M>;
  private readonly inFlight: InFlight[] = [];
  private cursor: Position | undefined;
  private generation = 0;
  private isUp = false;
  private pumping = false;
  private again = false;
  private ackTimeoutMs = firstAckTimeoutMs;
  private cancelTimeout: Cancel | undefined;

  constructor(options: StreamSenderOptions<M>) {
    this.options = options;
  }

  up(): void {
    this.isUp = true;
    this.ackTimeoutMs = firstAckTimeoutMs;
    this.restart();
  }

  down(): void {
    this.isUp = false;
    this.cancelTimeout?.();
  }

  /** There may be something new to send. */
  wake(): void {
    if (!this.isUp) return;
    if (this.pumping) {
      this.again = true;
      return;
    }
    this.pumping = true;
    void this.pump().finally(() => {
      this.pumping = false;
      if (!this.again) return;
      this.again = false;
      this.wake();
    });
  }

  /** The hub has committed this range, or never will. */
  async acknowledge({ session, from, to, refused }: AckRange): Promise<void> {
    const { stream, log } = this.options;
    if (refused !== undefined) log.error(`the hub refused ${stream} ${from} to ${to}, they are dropped: ${refused}`);
    await this.options.remove([{ stream, session, from, to }]);
    const [oldest] = this.inFlight;
    for (const item of [...this.inFlight]) {
      if (item.session !== session || from > item.from) continue;
      item.from = Math.max(item.from, to + 1);
      if (item.from > item.to) this.inFlight.splice(this.inFlight.indexOf(item), 1);
    }
    // A later one that is acknowledged does not excuse the oldest: its time runs on.
    if (this.inFlight[0] !== oldest) {
      this.ackTimeoutMs = firstAckTimeoutMs;
      this.watch();
    }
    this.wake();
  }

  private restart(): void {
    this.generation += 1;
    this.cursor = undefined;
    this.inFlight.length = 0;
    this.cancelTimeout?.();
    this.wake();
  }

  private async pump(): Promise<void> {
    const { stream, maxInFlight, maxEntries, read, cut } = this.options;
    while (this.isUp && this.inFlight.length < maxInFlight) {
      const { generation } = this;
      const entries = await read(stream, this.cursor, maxEntries);
      if (generation !== this.generation) continue;
      const [first] = entries;
      if (first === undefined) return;
      const piece = cut(entries);
      if (piece === undefined) await this.discard(first);
      else this.send(piece);
    }
  }

  private send({ session, from, to, message }: Cut<M>): void {
    const { stream, publish, remove, log } = this.options;
    this.cursor = { session, seq: to };
    this.inFlight.push({ session, from, to });
    if (this.inFlight.length === 1) this.watch();
    publish(message).catch(async (error: unknown) => {
      // A broken connection begins anew by itself. A message that our own codec refuses would stop all later ones for ever.
      if (!isAlpharhoError(error, 'payload_invalid') && !isAlpharhoError(error, 'payload_too_large')) return;
      log.error(`${stream} ${from} to ${to} of session ${session} cannot be sent and are dropped: ${error.message}`);
      await remove([{ stream, session, from, to }]);
      this.restart();
    });
  }

  private async discard({ session, seq }: OutboxEntry): Promise<void> {
    const { stream, remove, log } = this.options;
    log.error(`${stream} ${seq} of session ${session} is damaged in the outbox and is dropped`);
    this.cursor = { session, seq };
    await remove([{ stream, session, from: seq, to: seq }]);
  }

  /** Times the oldest message in flight. */
  private watch(): void {
    const { clock, log, stream } = this.options;
    this.cancelTimeout?.();
    if (this.inFlight.length === 0) return;
    this.cancelTimeout = clock.after(this.ackTimeoutMs, () => {
      if (this.ackTimeoutMs === firstAckTimeoutMs) log.warn(`the hub does not acknowledge ${stream}; they are kept and sent again`);
      this.ackTimeoutMs = Math.min(this.ackTimeoutMs * 2, maxAckTimeoutMs);
      this.restart();
    });
  }
}
