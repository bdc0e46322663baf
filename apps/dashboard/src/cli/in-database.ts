/** @file The database for as long as a command needs it, without the registry around it. */
import type { Database } from '@alpharho/db';
import { loadConfig } from '../server/config.ts';
import { prepareDataFolder, withDatabase } from '../server/data-folder.ts';
import { withAlpharhoErrors } from '../server/errors.ts';

/** Prepares the data folder of the environment, and opens its database for as long as `use` takes. */
export async function inDatabase<T>(use: (db: Database) => Promise<T>): Promise<T> {
  const config = loadConfig();
  await prepareDataFolder(config);
  return withDatabase(config, (db) => withAlpharhoErrors(() => use(db)));
}
