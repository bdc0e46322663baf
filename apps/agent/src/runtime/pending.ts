/** @file The newest entries of one stream, in memory: not acknowledged, and not on disk yet. */
import type { OutboxEntry, OutboxRange, Position } from '../domain/ports.ts';

/** Entries with numbers that rise by one. */
type Run = { first: number; bodies: string[]; bytes: number };

/**
 * INVARIANT: what is in `writing` is under way to the disk and stays here until it is there, so that nothing is ever in neither place.
 * `waiting` comes after it, without a gap unless entries had to be dropped while a write took very long.
 */
export class Pending {
  private readonly session: string;
  private writing: Run = { first: 1, bodies: [], bytes: 0 };
  private waiting: Run = { first: 1, bodies: [], bytes: 0 };

  constructor(session: string) {
    this.session = session;
  }

  /** The number of the next entry. */
  get nextSeq(): number {
    return this.waiting.first + this.waiting.bodies.length;
  }

  /** Number of the oldest entry that no write has taken yet; `nextSeq` where there is none. */
  get oldestWaiting(): number {
    return this.waiting.first;
  }

  get entries(): number {
    return this.writing.bodies.length + this.waiting.bodies.length;
  }

  /** Entries that no write has taken yet. */
  get waitingEntries(): number {
    return this.waiting.bodies.length;
  }

  /** Characters of JSON. */
  get bytes(): number {
    return this.writing.bytes + this.waiting.bytes;
  }

  push(body: string): void {
    this.waiting.bodies.push(body);
    this.waiting.bytes += body.length;
  }

  /** The next entries after `after`. */
  read(after: Position | undefined, limit: number): OutboxEntry[] {
    const { session } = this;
    const from = after?.session === session ? after.seq + 1 : 1;
    const entries: OutboxEntry[] = [];
    for (const { first, bodies } of [this.writing, this.waiting]) {
      for (let index = Math.max(from - first, 0); index < bodies.length && entries.length < limit; index += 1) {
        entries.push({ session, seq: first + index, body: bodies[index] ?? '' });
      }
    }
    return entries;
  }

  /** Begins a write of all that waits. @returns undefined where nothing does */
  beginWrite(): { firstSeq: number; bodies: readonly string[] } | undefined {
    const { waiting, nextSeq } = this;
    if (waiting.bodies.length === 0) return undefined;
    this.writing = waiting;
    this.waiting = { first: nextSeq, bodies: [], bytes: 0 };
    return { firstSeq: waiting.first, bodies: waiting.bodies };
  }

  /** What was written is on disk and no longer here. */
  endWrite(): void {
    this.writing = { first: this.waiting.first, bodies: [], bytes: 0 };
  }

  /** What was to be written waits again. @returns entries that have no place any more, since later ones were dropped meanwhile */
  failWrite(): number {
    const { writing, waiting } = this;
    const fits = writing.first + writing.bodies.length === waiting.first;
    if (fits) this.waiting = { first: writing.first, bodies: writing.bodies.concat(waiting.bodies), bytes: writing.bytes + waiting.bytes };
    this.endWrite();
    return fits ? 0 : writing.bodies.length;
  }

  /**
   * Forgets what a range names of what waits, where nothing older stands before it.
   * @returns whether all of it was here, so that the disk knows nothing of it
   */
  forget({ from, to }: Pick<OutboxRange, 'from' | 'to'>): boolean {
    const { first } = this.waiting;
    if (from > first) return false;
    const wasHere = from === first && to < this.nextSeq;
    this.dropOldest(to + 1 - first);
    return wasHere;
  }

  /** @returns how many it dropped: at most `count` of what waits */
  dropOldest(count: number): number {
    const gone = this.waiting.bodies.splice(0, Math.max(count, 0));
    for (const body of gone) this.waiting.bytes -= body.length;
    this.waiting.first += gone.length;
    return gone.length;
  }
}
