/**
 * @file Every result on its way to the hub: numbered, written to the outbox about once a second, and held in memory where
 * the disk does not take it, so that a full or read-only disk costs durability and not results.
 */
import { AlpharhoError, isAlpharhoError } from '@alpharho/protocol';
import { encodeResult } from '../domain/batches.ts';
import { type Cancel, type Clock, every } from '../domain/clock.ts';
import type { FrameResult } from '../domain/frames.ts';
import { type Log, type Outbox, type OutboxEntry, type OutboxRange, type Position, type Stream, streams } from '../domain/ports.ts';

/** A killed process loses at most what this long brought, milliseconds. */
const flushMs = 1000;
/** A fast camera writes earlier, so that one write stays short. */
const flushCount = 1000;
/** Entries held while the disk takes none: an hour at 10 frames/s, about 20 MB. */
const maxPending = 36_000;
/** The limit's fault is over when this part of it is free again. */
const roomy = 0.9;

export type SpoolOptions = {
  readonly outbox: Outbox;
  readonly session: string;
  /** Disk space of the outbox, bytes; beyond it the oldest results go. */
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly log: Log;
  /** The disk's state changed: a fault began, or (undefined) ended. */
  readonly onFault: (fault: AlpharhoError | undefined) => void;
  /** There is something new to read. */
  readonly onStored: () => void;
};

type Pending = { firstSeq: number; bodies: string[] };

/** INVARIANTS: one flush at a time; `pending` holds the newest, contiguous sequence numbers of this session, in order. */
export class Spool {
  private readonly options: SpoolOptions;
  private readonly pending = Object.fromEntries(streams.map((stream) => [stream, { firstSeq: 1, bodies: [] }])) as unknown as Record<
    Stream,
    Pending
  >;
  /** Acknowledged, and not yet removed from a disk that takes no writes. */
  private unremoved: OutboxRange[] = [];
  private stored = 0;
  private dropped = 0;
  /** Dropped from memory since the disk began to fail. */
  private lost = 0;
  private failing = false;
  private full = false;
  private flushing: Promise<void> | undefined;
  private cancelTimer: Cancel | undefined;
  /** The outbox is closed; a late acknowledgement must not open it again. */
  private stopped = false;
  private waiting: (() => void)[] = [];

  constructor(options: SpoolOptions) {
    this.options = options;
  }

  /** Looks into the outbox once; a disk at fault is told of and lived with. @throws AlpharhoError data_dir_in_use */
  async start(): Promise<void> {
    try {
      this.stored = (await this.options.outbox.size()).entries;
    } catch (error) {
      if (isAlpharhoError(error, 'data_dir_in_use')) throw error;
      this.fail(error);
    }
    this.cancelTimer = every(this.options.clock, flushMs, () => void this.flush());
  }

  /** Writes what is left. */
  async stop(): Promise<void> {
    this.cancelTimer?.();
    await this.flush();
    this.stopped = true;
    const { length } = this.pending.results.bodies;
    if (length > 0) this.options.log.error(`${length} results could not be written to disk and are lost with this process`);
    await this.options.outbox.close();
  }

  addResult(result: FrameResult): void {
    this.keep('results', encodeResult(result));
  }

  /** @param build makes the entry's body, one JSON object, from its sequence number */
  add(stream: Exclude<Stream, 'results'>, build: (seq: number) => string): void {
    const { firstSeq, bodies } = this.pending[stream];
    this.keep(stream, build(firstSeq + bodies.length));
  }

  /** Entries that wait for the hub. */
  get depth(): number {
    return streams.reduce((sum, stream) => sum + this.pending[stream].bodies.length, this.stored);
  }

  /** The oldest entries after `after`: from disk, and from memory only where the disk fails. */
  async read(stream: Stream, after: Position | undefined, limit: number): Promise<OutboxEntry[]> {
    if (this.stopped) return [];
    let entries: OutboxEntry[] = [];
    try {
      entries = await this.options.outbox.read(stream, after, limit);
    } catch (error) {
      this.fail(error);
    }
    if (!this.failing || entries.length === limit) return entries;
    return entries.concat(this.readPending(stream, entries.at(-1) ?? after, limit - entries.length));
  }

  /** The hub has these for good. */
  async remove(ranges: readonly OutboxRange[]): Promise<void> {
    if (this.stopped) return;
    for (const range of ranges) if (range.session === this.options.session) this.forgetPending(range);
    this.unremoved.push(...ranges);
    await this.removeStored();
    if (this.depth > 0) return;
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  /** Resolves once the hub has everything. */
  drained(): Promise<void> {
    if (this.depth === 0) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  flush(): Promise<void> {
    this.flushing ??= this.write().finally(() => {
      this.flushing = undefined;
    });
    return this.flushing;
  }

  private keep(stream: Stream, body: string): void {
    const pending = this.pending[stream];
    pending.bodies.push(body);
    if (pending.bodies.length > maxPending) {
      pending.bodies.shift();
      pending.firstSeq += 1;
      this.lost += 1;
    }
    if (!this.failing && pending.bodies.length >= flushCount) void this.flush();
  }

  private async write(): Promise<void> {
    const { outbox, session, maxBytes } = this.options;
    let wrote = false;
    try {
      for (const stream of streams) {
        const { firstSeq, bodies } = this.pending[stream];
        if (bodies.length === 0) continue;
        const batch = bodies.slice();
        await outbox.append(stream, session, firstSeq, batch);
        wrote = true;
        this.forgetPending({ stream, session, from: firstSeq, to: firstSeq + batch.length - 1 });
      }
      if (this.unremoved.length > 0) await this.removeStored();
      const trimmed = await outbox.trim(maxBytes);
      this.dropped += trimmed;
      const { entries, bytes } = await outbox.size();
      this.stored = entries;
      // A failing disk may still be readable: only a write that went through ends the fault.
      if (wrote || !this.failing) this.judge(bytes);
    } catch (error) {
      this.fail(error);
    }
    this.options.onStored();
  }

  private async removeStored(): Promise<void> {
    const ranges = this.unremoved;
    this.unremoved = [];
    const { outbox } = this.options;
    try {
      await outbox.remove(ranges);
      this.stored = (await outbox.size()).entries;
    } catch (error) {
      this.unremoved = ranges.concat(this.unremoved);
      this.fail(error);
    }
  }

  /** The write went well: says so after a fault, and watches the limit. */
  private judge(bytes: number): void {
    const { maxBytes, log, onFault } = this.options;
    const wasFailing = this.failing;
    this.failing = false;
    if (this.dropped > 0 && !this.full) {
      this.full = true;
      const fault = new AlpharhoError(
        'outbox_full',
        `the outbox reached its limit of ${Math.round(maxBytes / 1e6)} MB: the oldest results are dropped`,
      );
      log.error(fault.message);
      onFault(fault);
    } else if (this.full && bytes < maxBytes * roomy) {
      log.warn(`the outbox has room again; ${this.dropped} results were dropped`);
      this.full = false;
      this.dropped = 0;
      onFault(undefined);
    } else if (wasFailing && !this.full) {
      log.info(`the outbox can be written again; ${this.lost} results were dropped meanwhile`);
      this.lost = 0;
      onFault(undefined);
    }
  }

  private fail(error: unknown): void {
    const fault = isAlpharhoError(error) ? error : new AlpharhoError('internal', `outbox: ${String(error)}`, { cause: error });
    if (!this.failing) this.options.log.error(`the outbox cannot be used, results stay in memory: ${fault.message}`);
    this.failing = true;
    this.options.onFault(fault);
  }

  private readPending(stream: Stream, after: Position | undefined, limit: number): OutboxEntry[] {
    const { firstSeq, bodies } = this.pending[stream];
    const { session } = this.options;
    const skip = after?.session === session ? Math.max(after.seq + 1 - firstSeq, 0) : 0;
    return bodies.slice(skip, skip + limit).map((body, index) => ({ session, seq: firstSeq + skip + index, body }));
  }

  private forgetPending({ stream, from, to }: OutboxRange): void {
    const pending = this.pending[stream];
    // What lies before the range was not acknowledged.
    if (from > pending.firstSeq) return;
    const gone = Math.min(Math.max(to + 1 - pending.firstSeq, 0), pending.bodies.length);
    pending.bodies.splice(0, gone);
    pending.firstSeq += gone;
  }
}
