/** @file Measurements that are kept, so that a device is tuned once and not at every start. */
import { mkdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { sha256Schema } from '@alpharho/protocol';
import { z } from 'zod';
import { systemCode, writeError } from '../files/disk-error.ts';
import { writeWhole } from '../files/write-whole.ts';
import type { Measurement } from './best-setting.ts';

const ms = z.number().nonnegative().max(3_600_000);

const measurementSchema = z.object({
  provider: z.string().min(1).max(40),
  threads: z.number().int().min(1).max(64),
  twin: z.boolean().optional(),
  frames: z.number().int().positive(),
  p50: ms,
  p95: ms,
  p99: ms,
  framesPerSecond: z.number().nonnegative(),
  rounds: z.array(z.object({ p50: ms, p95: ms, mean: ms })).max(100),
}) satisfies z.ZodType<Measurement>;

/** A variant's measurements on one machine. */
export type TuningEntry = {
  /** The variant's digest. */
  sha256: string;
  /** Of the machine that it was measured on. */
  fingerprint: string;
  /** When, in milliseconds since 1970: what bears the same time was measured in the same rounds. */
  at: number;
  /** Cores that other programs kept at work meanwhile. */
  others: number;
  /** One for each setting. */
  measurements: Measurement[];
};

const entrySchema = z.object({
  sha256: sha256Schema,
  fingerprint: z.string().min(1).max(64),
  at: z.number().int().nonnegative(),
  others: z.number().nonnegative(),
  measurements: z.array(measurementSchema).min(1).max(200),
}) satisfies z.ZodType<TuningEntry>;

const fileSchema = z.object({ format: z.literal('alpharho-tuning-1'), entries: z.array(entrySchema).max(10_000) });

/** Where tuned measurements live. */
export interface TuningCache {
  /** All entries; none where nothing was kept yet or what was kept cannot be read. */
  read(): Promise<TuningEntry[]>;
  /**
   * Keeps entries; those of the same variant and machine take the place of older ones.
   * @throws AlpharhoError disk_full | disk_read_only | config_invalid
   */
  keep(entries: readonly TuningEntry[]): Promise<void>;
}

const largestFile = 50_000_000;
/** More variants than this nobody has on one machine; the oldest are forgotten. */
const mostEntries = 1000;

/** `$XDG_CACHE_HOME/alpharho/tuning.json`, usually `~/.cache/alpharho/tuning.json`. */
export function tuningCachePath(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'alpharho', 'tuning.json');
}

/**
 * A cache in a JSON file; its folder is made where it is missing.
 * @param onDamaged called with the reason where the file is there but cannot be used; it is then written anew
 */
export function fileTuningCache(path: string, onDamaged: (reason: string) => void = () => undefined): TuningCache {
  const read = async (): Promise<TuningEntry[]> => {
    try {
      const found = await stat(path);
      // A device says nothing of its length: one that never ends would fill the memory.
      if (!found.isFile()) throw new Error('it is not a regular file');
      if (found.size > largestFile) throw new Error('it is larger than any cache');
      return fileSchema.parse(JSON.parse(await readFile(path, 'utf8'))).entries;
    } catch (cause) {
      if (systemCode(cause) !== 'ENOENT')
        onDamaged(cause instanceof z.ZodError || cause instanceof SyntaxError ? 'it is no tuning cache' : systemCode(cause));
      return [];
    }
  };
  return {
    read,
    keep: async (entries) => {
      const replaced = new Set(entries.map(keyOf));
      const kept = [...(await read()).filter((entry) => !replaced.has(keyOf(entry))), ...entries];
      const newest = kept.sort((a, b) => b.at - a.at).slice(0, mostEntries);
      await mkdir(dirname(path), { recursive: true }).catch((cause) => {
        throw writeError(cause, path);
      });
      await writeWhole(path, `${JSON.stringify({ format: 'alpharho-tuning-1', entries: newest })}\n`);
    },
  };
}

function keyOf({ sha256, fingerprint }: TuningEntry): string {
  return `${sha256} ${fingerprint}`;
}
