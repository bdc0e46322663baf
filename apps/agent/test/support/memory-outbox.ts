/** @file The outbox port in memory, with a disk that can be told to fail. */
import type { AlpharhoError } from '@alpharho/protocol';
import type { Outbox, OutboxEntry, OutboxRange, Position, Stream } from '../../src/domain/ports.ts';

type Kept = OutboxEntry & { readonly stream: Stream; readonly order: number };

export class MemoryOutbox implements Outbox {
  /** What every write meets. */
  writeFault: AlpharhoError | undefined;
  /** What every call meets. */
  fault: AlpharhoError | undefined;
  private kept: Kept[] = [];
  private readonly sessions: string[] = [];

  async append(stream: Stream, session: string, firstSeq: number, bodies: readonly string[]): Promise<void> {
    this.check(true);
    if (bodies.length === 0) return;
    if (!this.sessions.includes(session)) this.sessions.push(session);
    for (const [index, body] of bodies.entries()) {
      const seq = firstSeq + index;
      if (this.kept.some((entry) => entry.stream === stream && entry.session === session && entry.seq === seq)) continue;
      this.kept.push({ stream, session, seq, body, order: this.sessions.indexOf(session) });
    }
    this.kept.sort((a, b) => a.order - b.order || a.seq - b.seq);
  }

  async read(stream: Stream, after: Position | undefined, limit: number): Promise<OutboxEntry[]> {
    this.check(false);
    const order = after === undefined ? -1 : this.sessions.indexOf(after.session);
    const isAfter = (entry: Kept) => after === undefined || entry.order > order || (entry.order === order && entry.seq > after.seq);
    const found = this.kept.filter((entry) => entry.stream === stream && isAfter(entry)).slice(0, limit);
    return found.map(({ session, seq, body }) => ({ session, seq, body }));
  }

  async remove(ranges: readonly OutboxRange[]): Promise<void> {
    this.check(true);
    const isIn = (entry: Kept, range: OutboxRange) =>
      entry.stream === range.stream && entry.session === range.session && entry.seq >= range.from && entry.seq <= range.to;
    this.kept = this.kept.filter((entry) => !ranges.some((range) => isIn(entry, range)));
  }

  async trim(maxBytes: number): Promise<number> {
    this.check(this.bytes > maxBytes);
    const before = this.kept.length;
    while (this.bytes > maxBytes && this.kept.length > 0) {
      const oldest = this.kept.find(({ stream }) => stream === 'results') ?? this.kept[0];
      this.kept = this.kept.filter((entry) => entry !== oldest);
    }
    return before - this.kept.length;
  }

  async size(): Promise<{ entries: number; bytes: number }> {
    this.check(false);
    return { entries: this.kept.length, bytes: this.bytes };
  }

  async close(): Promise<void> {}

  private get bytes(): number {
    return this.kept.reduce((sum, { body }) => sum + body.length, 0);
  }

  private check(isWrite: boolean): void {
    const fault = this.fault ?? (isWrite ? this.writeFault : undefined);
    if (fault !== undefined) throw fault;
  }
}
