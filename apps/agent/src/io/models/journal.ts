/** @file The update journal: one small JSON file, replaced whole, so that a power cut leaves the old one or the new one. */
import { readFile, rename } from 'node:fs/promises';
import { type KeptState, keptStateSchema } from '../../domain/kept-state.ts';
import type { Journal, Log } from '../../domain/ports.ts';
import { systemCode } from '../system/disk-error.ts';
import { writeWhole } from './write-whole.ts';

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
      const text = await readFile(this.file, 'utf8');
      if (text.length > maxBytes) throw new Error(`it has ${text.length} bytes, at most ${maxBytes} are expected`);
      return keptStateSchema.parse(JSON.parse(text));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      await this.setAside(error);
      return undefined;
    }
  }

  save(state: KeptState): Promise<void> {
    return writeWhole(this.file, Buffer.from(JSON.stringify(state)));
  }

  private async setAside(error: unknown): Promise<void> {
    const aside = `${this.file}.damaged`;
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    this.log.error(`${this.file} cannot be read (${reason.slice(0, 120)}): set aside as ${aside}; the hub's desired state restores it`);
    // A disk that takes no writes keeps the file where it is.
    await rename(this.file, aside).catch(() => undefined);
  }
}
