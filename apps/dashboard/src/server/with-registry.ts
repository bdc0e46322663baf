/** @file The registry for as long as a command needs it. */
import type { Config } from './config.ts';
import { withDatabase } from './data-folder.ts';
import { withAlpharhoErrors } from './errors.ts';
import { openRegistry, type Registry } from './registry.ts';

/** Opens the registry of a prepared data folder for as long as `use` takes. */
export function withRegistry<T>(config: Pick<Config, 'dataDir'>, use: (registry: Registry) => Promise<T>): Promise<T> {
  return withDatabase(config, async (db) => use(await withAlpharhoErrors(() => openRegistry(db, config))));
}
