/** @file What commands of the registry share: the registry itself, and files that a person names. */
import { readFile } from 'node:fs/promises';
import { AlpharhoError } from '@alpharho/protocol';
import { loadConfig } from '../server/config.ts';
import { prepareDataFolder } from '../server/data-folder.ts';
import { withAlpharhoErrors } from '../server/errors.ts';
import type { Registry } from '../server/registry.ts';
import { withRegistry } from '../server/with-registry.ts';

/** Prepares the data folder of the environment, and opens the registry for as long as `use` takes. */
export async function inRegistry(use: (registry: Registry) => Promise<void>): Promise<void> {
  const config = loadConfig();
  await prepareDataFolder(config);
  await withRegistry(config, (registry) => withAlpharhoErrors(() => use(registry)));
}

/** @throws AlpharhoError config_invalid */
export async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new AlpharhoError('config_invalid', `${path} cannot be read (${cause.code})`, { cause });
  });
}
