/** @file The one folder that everything is kept in. */
import { mkdir } from 'node:fs/promises';
import { type Database, migrate, openDatabase } from '@alpharho/db';
import { AlpharhoError } from '@alpharho/protocol';
import { type Config, databaseFile } from './config.ts';
import { withAlpharhoErrors } from './errors.ts';

/**
 * Creates the folder and the database in it where they are missing, and brings the database up to date.
 * @returns the names of the migrations that were applied.
 * @throws AlpharhoError disk_read_only | disk_full | database_damaged | database_busy | database_outdated
 */
export async function prepareDataFolder(config: Pick<Config, 'dataDir'>): Promise<{ applied: string[] }> {
  try {
    await mkdir(config.dataDir, { recursive: true });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const words = `the data folder ${config.dataDir} cannot be created (${code}); set ALPHARHO_DATA_DIR to another`;
    throw new AlpharhoError(code === 'ENOSPC' ? 'disk_full' : 'disk_read_only', words, { cause });
  }
  return withAlpharhoErrors(() => migrate(databaseFile(config)));
}

/** Opens the prepared database for as long as `use` takes. @throws AlpharhoError as {@link prepareDataFolder} */
export async function withDatabase<T>(config: Pick<Config, 'dataDir'>, use: (db: Database) => Promise<T>): Promise<T> {
  const db = await withAlpharhoErrors(() => openDatabase({ file: databaseFile(config) }));
  try {
    return await use(db);
  } finally {
    await db.$disconnect();
  }
}
