/**
 * @file Everything on its way to the hub: numbered, offered to the hub from memory once a second, and written to the outbox where the hub
 * has not taken it a second later, or is away. So a hub that answers costs the SD card nothing, one that does not costs one commit a
 * second, and a killed process loses about a second either way. Where the disk takes nothing, memory holds what it can.
 */
import { AlpharhoError, isAlpharhoError } from '@alpharho/protocol';
import { encodeResult } from '../domain/batches.ts';
import { type Cancel, type Clock, every } from '../domain/clock.ts';
import type { Emit } from '../domain/events.ts';
import type { FrameResult } from '../domain/frames.ts';
import {
  type Drops,
  type Log,
  type Outbox,
  type OutboxBatch,
  type OutboxEntry,
  type OutboxRange,
  type Position,
  type Stream,
  streams,
} from '../domain/ports.ts';
import { Ranges } from '../domain/ranges.ts';
import { Tally } from '../domain/tally.ts';
import { Pending } from './pending.ts';

/** What is offered and not acknowledged for this long goes to the disk, milliseconds. */
const tickMs = 1000;
/** A fast camera is offered and written earlier, so that one write and one message stay short. */
const tickCount = 1000;
/** Held in memory while the disk takes nothing, characters: two hours of results at 10 frames/s. */
const maxPendingBytes = 24_000_000;
/** Dropped from memory in one step. */
const dropStep = 100;
/** The limit's fault is over when this part of it is free again. */
const roomy = 0.9;
/** Drops that go on are told of this often, milliseconds. */
const tellDropsMs = 60_000;

export type SpoolOptions = {
  readonly outbox: Outbox;
  readonly session: string;
  /** Disk space of the outbox, bytes; beyond it entries go, the lowest priority first, the oldest first. */
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly emit: Emit;
  /** The disk's state changed: a fault began, or (undefined) ended. */
  readonly onFault: (fault: AlpharhoError | undefined) => void;
  /** There may be something new to send. */
  readonly onReady: () => void;
};

/** INVARIANT: one write at a time. */
export class Spool {
  private readonly options: SpoolOptions;
  private readonly pending: Record<Stream, Pending>;
  /** Number of the first entry that was not there yet at the last tick. */
  private readonly offered = Object.fromEntries(streams.map((stream) => [stream, 1])) as Record<Stream, number>;
  /** Entries on disk; unknown until it was asked. */
  private stored: Record<Stream, number> | undefined;
  private bytes = 0;
  /** Acknowledged, and not yet removed from disk. */
  private readonly unremoved = new Ranges();
  /** Given up, and not yet counted on disk. */
  private readonly uncounted = new Tally();
  /** Given up so far. */
  private readonly drops = new Tally();
  /** As they were told last. */
  private readonly told = new Tally();
  private lastTold = Number.NEGATIVE_INFINITY;
  /** Earlier sessions whose drops were told and may be forgotten. */
  private settled: string[] = [];
  private isUp = false;
  private failing = false;
  private full = false;
  /** Given up since the limit was reached. */
  private droppedWhileFull = 0;
  private flushing: Promise<void> | undefined;
  private queued: Promise<void> | undefined;
  private cancelTimer: Cancel | undefined;
  /** The outbox is closed; a late acknowledgement must not open it again. */
  private stopped = false;
  private waiting: (() => void)[] = [];

  constructor(options: SpoolOptions) {
    this.options = options;
    this.pending = Object.fromEntries(streams.map((stream) => [stream, new Pending(options.session)])) as Record<Stream, Pending>;
  }

  /** Takes the outbox; a disk at fault is told of and lived with. @throws AlpharhoError data_dir_in_use */
  async start(): Promise<void> {
    const { outbox, clock, emit } = this.options;
    outbox.onDamaged(({ message, drops }) => {
      const entries = drops.reduce((sum, drop) => sum + drop.entries, 0);
      emit({ id: 'outbox.damaged', level: 'error', message, detail: { entries } });
      this.gaveUp(drops);
    });
    try {
      await outbox.open();
    } catch (error) {
      if (isAlpharhoError(error, 'data_dir_in_use')) throw error;
      this.fail(error);
    }
    // A large outbox takes a while to count.
    void this.lookBack();
    this.cancelTimer = every(clock, tickMs, () => this.tick());
  }

  /** Writes what is left. */
  async stop(): Promise<void> {
    this.cancelTimer?.();
    this.tellDrops();
    await this.flush();
    this.stopped = true;
    const left = streams.reduce((sum, stream) => sum + this.pending[stream].entries, 0);
    if (left > 0) this.options.log.error(`${left} results and events could not be written to disk and are lost with this process`);
    await this.options.outbox.close();
  }

  addResult(result: FrameResult): void {
    this.keep('results', encodeResult(result));
    if (this.pending.results.nextSeq - this.offered.results >= tickCount) this.tick();
  }

  /** @param build makes the entry's body, one JSON object, from its sequence number */
  add(stream: Exclude<Stream, 'results'>, build: (seq: number) => string): number {
    const seq = this.pending[stream].nextSeq;
    this.keep(stream, build(seq));
    // They are few, and somebody may be waiting for them.
    if (!this.stopped) this.options.onReady();
    return seq;
  }

  /** Entries that wait for the hub. */
  get depth(): number {
    return streams.reduce((sum, stream) => sum + this.pending[stream].entries + (this.stored?.[stream] ?? 0), 0);
  }

  /** What the outbox takes on disk. */
  get diskBytes(): number {
    return this.bytes;
  }

  /** Entries of this session that were given up, by stream. */
  get dropped(): Partial<Record<Stream, number>> {
    const own = this.drops.list().filter(({ session }) => session === this.options.session);
    return Object.fromEntries(own.map(({ stream, entries }) => [stream, entries]));
  }

  /** There is a connection to the hub. */
  up(): void {
    this.isUp = true;
  }

  /** There is none; what the hub may never have seen is written. */
  down(): void {
    this.isUp = false;
    void this.flush();
  }

  /** The oldest entries after `after`: from disk where it holds any, then from memory. */
  async read(stream: Stream, after: Position | undefined, limit: number): Promise<OutboxEntry[]> {
    if (this.stopped) return [];
    // Taken first: what moves to the disk meanwhile is in both then, and never in neither.
    const inMemory = this.pending[stream].read(after, limit);
    if (!this.mayStore(stream)) return inMemory;
    let entries: OutboxEntry[] = [];
    try {
      entries = await this.options.outbox.read(stream, after, limit);
    } catch (error) {
      this.fail(error);
    }
    const last = entries.at(-1);
    const newer = inMemory.filter(({ session, seq }) => last?.session !== session || seq > last.seq);
    return entries.concat(newer.slice(0, limit - entries.length));
  }

  /** The hub has these for good. */
  async remove(ranges: readonly OutboxRange[]): Promise<void> {
    if (this.stopped) return;
    for (const range of ranges) {
      const wasHere = range.session === this.options.session && this.pending[range.stream].forget(range);
      // A failed write may have reached the disk all the same.
      if (!wasHere || this.failing) this.unremoved.add(range);
    }
    if (!this.unremoved.isEmpty) await this.flush();
    this.settle();
  }

  /** Resolves once the hub has everything. */
  drained(): Promise<void> {
    if (this.depth === 0) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** Writes all that waits, and removes what the hub has. One that comes while another is under way is done after it, once for all. */
  flush(): Promise<void> {
    if (this.flushing === undefined) return this.write(() => true);
    this.queued ??= this.flushing.then(() => {
      this.queued = undefined;
      return this.write(() => true);
    });
    return this.queued;
  }

  /** Resolves once no write is under way. */
  async idle(): Promise<void> {
    await this.flushing;
  }

  private settle(): void {
    if (this.depth > 0) return;
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  /** What is on disk from before, and what earlier sessions gave up and did not live to tell. */
  private async lookBack(): Promise<void> {
    const { outbox, session } = this.options;
    try {
      await this.measure();
      // A closed outbox would open itself again.
      if (this.stopped) return;
      const earlier = (await outbox.dropped()).filter((drop) => drop.session !== session);
      if (earlier.length > 0) {
        for (const { stream, session: name, entries } of earlier) this.drops.set(stream, name, entries);
        this.tellDrops();
        this.settled = [...new Set(earlier.map((drop) => drop.session))];
      }
    } catch (error) {
      this.fail(error);
    }
    this.options.onReady();
  }

  private tick(): void {
    const { clock, onReady } = this.options;
    const isLate = (stream: Stream): boolean =>
      !this.isUp || this.failing || this.mayStore(stream) || this.pending[stream].oldestWaiting < this.offered[stream];
    const late = new Set(streams.filter(isLate));
    for (const stream of streams) this.offered[stream] = this.pending[stream].nextSeq;
    if (clock.monotonic() - this.lastTold >= tellDropsMs) this.tellDrops();
    if (this.flushing === undefined && this.hasWork(late)) void this.write((stream) => late.has(stream));
    onReady();
  }

  private hasWork(late: ReadonlySet<Stream>): boolean {
    return [...late].some((stream) => this.pending[stream].waitingEntries > 0) || !this.unremoved.isEmpty || this.maySettle;
  }

  /** What earlier sessions gave up was told, and the telling is no longer in memory only. */
  private get maySettle(): boolean {
    return this.settled.length > 0 && this.pending.events.entries === 0;
  }

  private mayStore(stream: Stream): boolean {
    return this.stored === undefined || this.stored[stream] > 0 || this.flushing !== undefined;
  }

  private keep(stream: Stream, body: string): void {
    this.pending[stream].push(body);
    let bytes = streams.reduce((sum, each) => sum + this.pending[each].bytes, 0);
    if (bytes <= maxPendingBytes) return;
    for (const each of [...streams].reverse()) {
      while (bytes > maxPendingBytes) {
        const before = this.pending[each].bytes;
        const entries = this.pending[each].dropOldest(dropStep);
        if (entries === 0) break;
        bytes += this.pending[each].bytes - before;
        this.giveUp(each, entries);
      }
    }
  }

  private write(wanted: (stream: Stream) => boolean): Promise<void> {
    this.flushing = this.writeNow(wanted).finally(() => {
      this.flushing = undefined;
      this.options.onReady();
      this.settle();
    });
    return this.flushing;
  }

  private async writeNow(wanted: (stream: Stream) => boolean): Promise<void> {
    const { outbox, session, maxBytes } = this.options;
    const add: OutboxBatch[] = [];
    for (const stream of streams) {
      const batch = wanted(stream) ? this.pending[stream].beginWrite() : undefined;
      if (batch !== undefined) add.push({ stream, session, ...batch });
    }
    const remove = this.unremoved.take();
    const drops = this.uncounted.list();
    try {
      if (add.length + remove.length + drops.length > 0) await outbox.commit({ add, remove, drops });
      for (const { stream } of add) this.pending[stream].endWrite();
      for (const { stream, entries } of drops) this.uncounted.add(stream, session, -entries);
      if (add.length > 0) this.gaveUp(await outbox.trim(maxBytes));
      if (this.maySettle) await outbox.forgetDrops(this.settled.splice(0));
      await this.measure();
      // A failing disk may still be readable: only a write that went through ends the fault.
      if (add.length > 0 || !this.failing) this.judge();
    } catch (error) {
      for (const range of remove) this.unremoved.add(range);
      for (const { stream } of add) this.takeBack(stream);
      this.fail(error);
    }
  }

  /** A write failed: what it was to write waits in memory again. */
  private takeBack(stream: Stream): void {
    const { session } = this.options;
    this.giveUp(stream, this.pending[stream].failWrite());
    for (const range of this.unremoved.all) if (range.stream === stream && range.session === session) this.pending[stream].forget(range);
  }

  private async measure(): Promise<void> {
    const { entries, bytes } = await this.options.outbox.size();
    this.stored = entries;
    this.bytes = bytes;
  }

  /** Entries of this session are gone from memory, and no disk knows of them. */
  private giveUp(stream: Stream, entries: number): void {
    this.uncounted.add(stream, this.options.session, entries);
    this.gaveUp([{ stream, session: this.options.session, entries }]);
  }

  private gaveUp(drops: readonly Drops[]): void {
    const entries = drops.reduce((sum, drop) => sum + drop.entries, 0);
    if (entries === 0) return;
    this.drops.addAll(drops);
    this.droppedWhileFull += entries;
    if (this.options.clock.monotonic() - this.lastTold >= tellDropsMs) this.tellDrops();
  }

  /** One event for each session of which there is news; its counts are of all that was given up so far. */
  private tellDrops(): void {
    const all = this.drops.list();
    const news = all.filter(({ stream, session, entries }) => this.told.get(stream, session) !== entries);
    if (news.length === 0) return;
    this.lastTold = this.options.clock.monotonic();
    for (const session of new Set(news.map((drop) => drop.session))) {
      const counts = all.filter((drop) => drop.session === session);
      for (const { stream, entries } of counts) this.told.set(stream, session, entries);
      const words = counts.map(({ stream, entries }) => `${entries} ${stream}`).join(', ');
      this.options.emit({
        id: 'outbox.dropped',
        level: 'warning',
        message: `the outbox gave up entries of session ${session} that the hub will not see: ${words} so far`,
        detail: { session, ...Object.fromEntries(counts.map(({ stream, entries }) => [stream, entries])) },
      });
    }
  }

  /** The write went well: says so after a fault, and watches the limit. */
  private judge(): void {
    const { maxBytes, emit, onFault } = this.options;
    const wasFailing = this.failing;
    this.failing = false;
    if (this.droppedWhileFull > 0 && !this.full && !wasFailing) {
      this.full = true;
      const limit = `the outbox reached its limit of ${Math.round(maxBytes / 1e6)} MB`;
      onFault(new AlpharhoError('outbox_full', `${limit}: the oldest entries are dropped, results before anything else`));
    } else if (this.full && this.bytes < maxBytes * roomy) {
      emit({ id: 'outbox.recovered', level: 'info', message: `the outbox has room again; ${this.droppedWhileFull} entries were dropped` });
      this.endFault();
    } else if (wasFailing && !this.full) {
      const message = `the outbox can be written again; ${this.droppedWhileFull} entries were dropped meanwhile`;
      emit({ id: 'outbox.recovered', level: 'info', message });
      this.endFault();
    }
  }

  private endFault(): void {
    this.full = false;
    this.droppedWhileFull = 0;
    this.tellDrops();
    this.options.onFault(undefined);
  }

  private fail(error: unknown): void {
    const fault = isAlpharhoError(error) ? error : new AlpharhoError('internal', `outbox: ${String(error)}`, { cause: error });
    const message = `the outbox cannot be used, results stay in memory: ${fault.message}`;
    if (!this.failing) this.options.emit({ id: 'outbox.unwritable', level: 'error', message, detail: { code: fault.code } });
    this.failing = true;
    this.options.onFault(fault);
  }
}
