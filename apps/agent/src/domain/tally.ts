/** @file Counts by stream and session. */
import { type Drops, type Stream, streams } from './ports.ts';

/** INVARIANT: a count of nothing is not there. */
export class Tally {
  private readonly counts = new Map<string, Drops>();

  get(stream: Stream, session: string): number {
    return this.counts.get(`${stream} ${session}`)?.entries ?? 0;
  }

  add(stream: Stream, session: string, entries: number): void {
    this.set(stream, session, this.get(stream, session) + entries);
  }

  set(stream: Stream, session: string, entries: number): void {
    const key = `${stream} ${session}`;
    if (entries === 0) this.counts.delete(key);
    else this.counts.set(key, { stream, session, entries });
  }

  addAll(drops: readonly Drops[]): void {
    for (const { stream, session, entries } of drops) this.add(stream, session, entries);
  }

  list(): Drops[] {
    return [...this.counts.values()];
  }

  byStream(): Record<Stream, number> {
    const sums = Object.fromEntries(streams.map((stream) => [stream, 0])) as Record<Stream, number>;
    for (const { stream, entries } of this.counts.values()) sums[stream] += entries;
    return sums;
  }

  clear(): void {
    this.counts.clear();
  }
}
