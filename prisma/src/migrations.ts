/** @file The migrations folder as the schema engine wants it. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MigrationList } from '@prisma/schema-engine-wasm/schema_engine_bg';

/** `migrations/` of this package, beside both src and dist. */
export const migrationsFolder = fileURLToPath(new URL('../migrations', import.meta.url));

const lockfile = 'migration_lock.toml';

/** Reads `folder`, in the order in which migrations apply: their names begin with a timestamp. */
export async function readMigrations(folder: string): Promise<MigrationList> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const migrationDirectories = await Promise.all(
    names.sort().map(async (path) => {
      const value = await readFile(join(folder, path, 'migration.sql'), 'utf8');
      return { path, migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value } } };
    }),
  );
  const content = await readFile(join(folder, lockfile), 'utf8');
  return { baseDir: folder, lockfile: { path: lockfile, content }, shadowDbInitScript: '', migrationDirectories };
}
