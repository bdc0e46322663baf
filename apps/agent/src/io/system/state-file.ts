/** @file A small JSON file of the agent's own: replaced whole, so that a power cut leaves the old one or the new one. */
import { rename } from 'node:fs/promises';
import type { z } from 'zod';
import type { Log } from '../../domain/ports.ts';
import { systemCode } from './disk-error.ts';
import { readSmall } from './read-small.ts';
import { writeWhole } from './write-whole.ts';

export type StateFileOptions<T> = {
  readonly file: string;
  readonly schema: z.ZodType<T>;
  /** Far above what the schema can take; more is not ours. */
  readonly maxBytes: number;
  /** What becomes of it where it is damaged, for the log. */
  readonly otherwise: string;
  readonly log: Log;
};

export class StateFile<T> {
  private readonly options: StateFileOptions<T>;

  constructor(options: StateFileOptions<T>) {
    this.options = options;
  }

  /** @returns undefined where there is none; one that cannot be read is set aside, and named in the log */
  async load(): Promise<T | undefined> {
    const { file, schema, maxBytes } = this.options;
    try {
      const text = await readSmall(file, maxBytes);
      if (text === undefined) throw new Error(`it has more than ${maxBytes} bytes`);
      return schema.parse(JSON.parse(text));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      await this.setAside(error);
      return undefined;
    }
  }

  /** @throws AlpharhoError disk_full or disk_read_only; what was there before is still there then */
  save(state: T): Promise<void> {
    return writeWhole(this.options.file, JSON.stringify(state));
  }

  private async setAside(error: unknown): Promise<void> {
    const { file, otherwise, log } = this.options;
    const aside = `${file}.damaged`;
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    log.error(`${file} cannot be read (${reason.slice(0, 120)}): set aside as ${aside}; ${otherwise}`);
    // A disk that takes no writes keeps the file where it is.
    await rename(file, aside).catch(() => undefined);
  }
}
