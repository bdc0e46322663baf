/** @file What the registry is made of: rows, files of variants, and keys. */
import type { Database } from '@alpharho/db';
import { BlobStore } from './blob-store.ts';
import { type Config, keysFolder, modelsFolder } from './config.ts';
import { KeyFiles } from './keys/key-files.ts';
import { ensureKeys } from './services/keys.ts';

export type Registry = { db: Database; blobs: BlobStore; keys: KeyFiles };

/** Makes the signing keys where there are none yet. @throws AlpharhoError disk_read_only | disk_full | config_invalid (a key file) */
export async function openRegistry(db: Database, config: Pick<Config, 'dataDir'>): Promise<Registry> {
  const keys = new KeyFiles(keysFolder(config));
  await ensureKeys(db, keys, new Date());
  return { db, blobs: new BlobStore(modelsFolder(config)), keys };
}
