/** @file Model files in memory while many devices fetch the same one: read once, sent to all. */
import { readFile } from 'node:fs/promises';
import type { Blob } from '../server/blob-store.ts';

/** A hub may be a small board. */
const usualBudget = 32 * 1024 * 1024;

type Entry = { readonly size: number; readonly bytes: Promise<Buffer>; users: number };

/** A file's bytes for as long as they are sent. */
export type Held = { readonly bytes: Buffer; readonly release: () => void };

/**
 * INVARIANT: what is in use and what is kept beside it is never more than the budget, however slowly somebody reads.
 * A name never changes its content, so nothing kept grows old.
 */
export class HotBlobs {
  private readonly budget: number;
  /** The one that was asked for last comes last. */
  private readonly entries = new Map<string, Entry>();

  /** @param budget bytes */
  constructor(budget = usualBudget) {
    this.budget = budget;
  }

  /** @returns undefined where there is no room: it is to be read from the disk as it is sent. */
  async hold({ sha256, size, path }: Pick<Blob, 'sha256' | 'size' | 'path'>): Promise<Held | undefined> {
    const entry = this.entries.get(sha256) ?? this.open(size, path);
    if (entry === undefined) return undefined;
    this.entries.delete(sha256);
    this.entries.set(sha256, entry);
    entry.users += 1;
    try {
      const bytes = await entry.bytes;
      return { bytes, release: () => (entry.users -= 1) };
    } catch (error) {
      entry.users -= 1;
      if (this.entries.get(sha256) === entry) this.entries.delete(sha256);
      throw error;
    }
  }

  private open(size: number, path: string): Entry | undefined {
    return this.makeRoom(size) ? { size, bytes: readFile(path), users: 0 } : undefined;
  }

  private makeRoom(size: number): boolean {
    let used = [...this.entries.values()].reduce((sum, entry) => sum + entry.size, 0);
    const idle = [...this.entries].filter(([, { users }]) => users === 0);
    const free = this.budget - used + idle.reduce((sum, [, entry]) => sum + entry.size, 0);
    if (free < size) return false;
    for (const [sha256, entry] of idle) {
      if (used + size <= this.budget) break;
      this.entries.delete(sha256);
      used -= entry.size;
    }
    return true;
  }
}
