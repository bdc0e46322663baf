/** @file The update journal: one small JSON file, replaced whole, so that a power cut leaves the old one or the new one. */
import { rename } from 'node:fs/promises';
import { type KeptState, keptStateSchema } from '../../domain/kept-state.ts';
import type { Journal, Log } from '../../domain/ports.ts';
import { systemCode } from '../system/disk-error.ts';
import { readSmall } from '../system/read-small.ts';
import { writeWhole } from '../system/write-whole.ts';

/** Far above what the schema can take; more is not ours. */
const maxBytes = 64 * 1024;

export class FileJournal implements Journal {
  private readonly file: string;
  private readonly log: Log;

  constructor(file: string, log: Log) {
    this.file = file;
    this.log = log;
  }

  async load(): Promise<KeptState | undefined> {
    try {
      const text = await readSmall(this.file, maxBytes);
      if (text === undefined) throw new Error(`it has more than ${maxBytes} bytes`);
      return keptStateSchema.parse(JSON.parse(text));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      await this.setAside(error);
      return undefined;
    }
  }

  save(state: KeptState): Promise<void> {
    return writeWhole(this.file, JSON.stringify(state));
  }

  private async setAside(error: unknown): Promise<void> {
    const aside = `${this.file}.damaged`;
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    this.log.error(`${this.file} cannot be read (${reason.slice(0, 120)}): set aside as ${aside}; the hub's desired state restores it`);
    // A disk that takes no writes keeps the file where it is.
    await rename(this.file, aside).catch(() => undefined);
  }
}
