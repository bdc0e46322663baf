/** @file Real files for tests: a migrated database, a variant. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, migrate, openDatabase } from '@alpharho/db';
import { buildVariant } from '@alpharho/mobilenet-core';

export type TestDatabase = { folder: string; file: string; db: Database; close: () => Promise<void> };

export async function createDatabase(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'alpharho-test-'));
  const file = join(folder, 'alpharho.db');
  await migrate(file);
  const db = await openDatabase({ file });
  return {
    folder,
    file,
    db,
    close: async () => {
      await db.$disconnect();
      await rm(folder, { recursive: true });
    },
  };
}

/** A small variant with random weights; another seed is another file. */
export function variantFile(seed = 1): Uint8Array {
  return buildVariant({ family: 'v1', alpha: 0.25, rho: 128, labels: ['cat', 'dog'], seed });
}
