/** @file The outbox port in memory, with a disk that can be told to fail. */
import type { AlpharhoError } from '@alpharho/protocol';
import type {
  Drops,
  Outbox,
  OutboxBatch,
  OutboxChange,
  OutboxDamage,
  OutboxEntry,
  OutboxRange,
  Position,
  Stream,
} from '../../src/domain/ports.ts';
import { streams } from '../../src/domain/ports.ts';
import { Tally } from '../../src/domain/tally.ts';

type Kept = OutboxEntry & { readonly stream: Stream; readonly order: number };

export class MemoryOutbox implements Outbox {
  /** What every write meets. */
  writeFault: AlpharhoError | undefined;
  /** What every call meets. */
  fault: AlpharhoError | undefined;
  /** A commit that began ends only after this. */
  slowly: Promise<void> = Promise.resolve();
  commits = 0;
  private kept: Kept[] = [];
  private readonly sessions: string[] = [];
  private readonly drops = new Tally();
  private listener: (damage: OutboxDamage) => void = () => undefined;

  async open(): Promise<void> {
    this.check(false);
  }

  onDamaged(listener: (damage: OutboxDamage) => void): void {
    this.listener = listener;
  }

  /** The file turns out to be damaged, and everything in it is lost. */
  damage(): void {
    const lost = new Tally();
    for (const { stream, session } of this.kept) lost.add(stream, session, 1);
    this.kept = [];
    this.drops.addAll(lost.list());
    this.listener({ message: 'outbox.db is damaged', drops: lost.list() });
  }

  async commit({ add = [], remove = [], drops = [] }: OutboxChange): Promise<void> {
    this.check(true);
    await this.slowly;
    this.check(true);
    this.commits += 1;
    for (const range of remove) this.removeRange(range);
    for (const batch of add) this.append(batch);
    this.drops.addAll(drops);
  }

  async read(stream: Stream, after: Position | undefined, limit: number): Promise<OutboxEntry[]> {
    this.check(false);
    const order = after === undefined ? -1 : this.sessions.indexOf(after.session);
    const isAfter = (entry: Kept) => after === undefined || entry.order > order || (entry.order === order && entry.seq > after.seq);
    const found = this.kept.filter((entry) => entry.stream === stream && isAfter(entry)).slice(0, limit);
    return found.map(({ session, seq, body }) => ({ session, seq, body }));
  }

  async trim(maxBytes: number): Promise<Drops[]> {
    this.check(this.bytes > maxBytes);
    const dropped = new Tally();
    while (this.bytes > maxBytes && this.kept.length > 0) {
      const lowest = [...streams].reverse().find((stream) => this.kept.some((entry) => entry.stream === stream));
      const oldest = this.kept.find(({ stream }) => stream === lowest);
      if (oldest === undefined) break;
      this.kept = this.kept.filter((entry) => entry !== oldest);
      dropped.add(oldest.stream, oldest.session, 1);
    }
    this.drops.addAll(dropped.list());
    return dropped.list();
  }

  async size(): Promise<{ entries: Record<Stream, number>; bytes: number }> {
    this.check(false);
    const counts = streams.map((stream) => [stream, this.kept.filter((entry) => entry.stream === stream).length]);
    return { entries: Object.fromEntries(counts) as Record<Stream, number>, bytes: this.bytes };
  }

  async dropped(): Promise<Drops[]> {
    this.check(false);
    return this.drops.list();
  }

  async forgetDrops(sessions: readonly string[]): Promise<void> {
    this.check(true);
    for (const { stream, session } of this.drops.list()) if (sessions.includes(session)) this.drops.set(stream, session, 0);
  }

  async close(): Promise<void> {}

  private append({ stream, session, firstSeq, bodies }: OutboxBatch): void {
    if (!this.sessions.includes(session)) this.sessions.push(session);
    for (const [index, body] of bodies.entries()) {
      const seq = firstSeq + index;
      if (this.kept.some((entry) => entry.stream === stream && entry.session === session && entry.seq === seq)) continue;
      this.kept.push({ stream, session, seq, body, order: this.sessions.indexOf(session) });
    }
    this.kept.sort((a, b) => a.order - b.order || a.seq - b.seq);
  }

  private removeRange({ stream, session, from, to }: OutboxRange): void {
    this.kept = this.kept.filter((entry) => entry.stream !== stream || entry.session !== session || entry.seq < from || entry.seq > to);
  }

  private get bytes(): number {
    return this.kept.reduce((sum, { body }) => sum + body.length, 0);
  }

  private check(isWrite: boolean): void {
    const fault = this.fault ?? (isWrite ? this.writeFault : undefined);
    if (fault !== undefined) throw fault;
  }
}
