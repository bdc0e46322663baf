/** @file Sends one stream of the spool in order, a few messages ahead of the hub's acknowledgements, again where they stay out. */
import { isAlpharhoError, type MessageOf } from '@alpharho/protocol';
import type { Cut } from '../domain/batches.ts';
import type { Cancel, Clock } from '../domain/clock.ts';
import type { Log, OutboxEntry, OutboxRange, Position, Stream } from '../domain/ports.ts';

export type AckRange = MessageOf<'ack'>['acks'][number];

/** Waits for the hub's commit, milliseconds; doubled while it stays silent. */
const firstAckTimeoutMs = 10_000;
const maxAckTimeoutMs = 60_000;
/** Other streams wait this long for one that the hub does not acknowledge, milliseconds. */
const patienceMs = 2000;

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
  /** There may be something to send: `step` is to be called. */
  readonly onReady: () => void;
  readonly clock: Clock;
  readonly log: Log;
};

/**
 * What a step came to: a message was sent, or nothing is left to send, or the hub has to acknowledge first; `stuck` where it has not
 * for so long that others should not wait for this stream.
 */
export type Step = 'sent' | 'empty' | 'full' | 'stuck';

type InFlight = { readonly session: string; from: number; readonly to: number };

/**
 * INVARIANTS: one step at a time; messages leave in the outbox's order; an entry is removed only when an acknowledgement names it; after
 * a new connection or a silent hub, sending begins anew at the oldest entry ("go back N"), which the hub's dropping of duplicates
 * makes harmless. `generation` rises with each new beginning, so that a read of an older one changes nothing.
 */
export class StreamSender<M> {
  private readonly options: StreamSenderOptions<M>;
  private readonly inFlight: InFlight[] = [];
  private cursor: Position | undefined;
  private generation = 0;
  private isUp = false;
  private ackTimeoutMs = firstAckTimeoutMs;
  /** The hub was last heard of this stream then, or had nothing to answer. */
  private waitingSince = 0;
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

  /** Sends the next message, where there is one and it may go. */
  async step(): Promise<Step> {
    const { stream, maxInFlight, maxEntries, read, cut, clock } = this.options;
    while (this.isUp) {
      if (this.inFlight.length >= maxInFlight) return clock.monotonic() - this.waitingSince > patienceMs ? 'stuck' : 'full';
      const { generation } = this;
      const entries = await read(stream, this.cursor, maxEntries);
      if (generation !== this.generation) continue;
      const [first] = entries;
      if (first === undefined) return 'empty';
      const piece = cut(entries);
      if (piece !== undefined) {
        this.send(piece);
        return 'sent';
      }
      await this.discard(first);
    }
    return 'empty';
  }

  /** The hub has committed this range, or never will. */
  async acknowledge({ session, from, to, refused }: AckRange): Promise<void> {
    const { stream, log, remove, onReady } = this.options;
    if (refused !== undefined) log.error(`the hub refused ${stream} ${from} to ${to}, they are dropped: ${refused}`);
    const [oldest] = this.inFlight;
    for (const item of [...this.inFlight]) {
      if (item.session !== session || from > item.from) continue;
      item.from = Math.max(item.from, to + 1);
      if (item.from > item.to) this.inFlight.splice(this.inFlight.indexOf(item), 1);
    }
    // A later one that is acknowledged does not excuse the oldest: its time runs on.
    if (this.inFlight[0] !== oldest) {
      this.ackTimeoutMs = firstAckTimeoutMs;
      this.waitingSince = this.options.clock.monotonic();
      this.watch();
    }
    // The next message does not wait for a slow disk.
    onReady();
    await remove([{ stream, session, from, to }]);
  }

  private restart(): void {
    this.generation += 1;
    this.cursor = undefined;
    this.inFlight.length = 0;
    this.cancelTimeout?.();
    this.options.onReady();
  }

  private send({ session, from, to, message }: Cut<M>): void {
    const { stream, publish, remove, log, clock } = this.options;
    this.cursor = { session, seq: to };
    this.inFlight.push({ session, from, to });
    if (this.inFlight.length === 1) {
      // What is sent again is not new: the hub's silence goes on.
      if (this.ackTimeoutMs === firstAckTimeoutMs) this.waitingSince = clock.monotonic();
      this.watch();
    }
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
    if (this.inFlight.length === 0 || !this.isUp) return;
    this.cancelTimeout = clock.after(this.ackTimeoutMs, () => {
      if (this.ackTimeoutMs === firstAckTimeoutMs) log.warn(`the hub does not acknowledge ${stream}; they are kept and sent again`);
      this.ackTimeoutMs = Math.min(this.ackTimeoutMs * 2, maxAckTimeoutMs);
      this.restart();
    });
  }
}
