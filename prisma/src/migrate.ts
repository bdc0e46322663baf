/** @file Brings a database file up to date: Prisma's own engine, table (_prisma_migrations) and migration format, without its command line. */
import { rm } from 'node:fs/promises';
import { sqliteAdapter } from './adapter.ts';
import { startEngine } from './engine.ts';
import { DatabaseError, sentences, toDatabaseError } from './errors.ts';
import { migrationsFolder, readMigrations } from './migrations.ts';

/** Nothing in the file is managed by someone else. */
const filters = { externalTables: [], externalEnums: [] };

/**
 * Creates `file` where it does not exist (its folder must) and applies what is missing; a second call applies nothing. Data is kept.
 * @param options.signal aborts before the first migration; one that has begun runs to its end.
 * @param options.folder another migrations folder than the package's own.
 * @returns the names of the migrations that were applied now.
 * @throws DatabaseError damaged | read_only | full | busy | migration
 */
export async function migrate(file: string, options: { signal?: AbortSignal; folder?: string } = {}): Promise<{ applied: string[] }> {
  const migrationsList = await readMigrations(options.folder ?? migrationsFolder);
  const known = new Set(migrationsList.migrationDirectories.map((migration) => migration.path));
  const before = await appliedMigrations(file);
  const unknown = before.filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new DatabaseError(
      'migration',
      `${file}: was written by a newer version of Alpharho (it has ${unknown.join(', ')}); update this one`,
    );
  }
  options.signal?.throwIfAborted();
  try {
    const engine = await startEngine(file);
    try {
      const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters });
      return { applied: appliedMigrationNames };
    } finally {
      engine.free();
    }
  } catch (error) {
    const reason = firstLine(error instanceof Error ? error.message : String(error));
    if (/database or disk is full/.test(reason)) {
      // The engine would refuse a new file that it left half done for ever, and there is nothing in it yet.
      if (before.length === 0) await Promise.all(['', '-wal', '-shm'].map((suffix) => rm(`${file}${suffix}`, { force: true })));
      throw new DatabaseError('full', `${file}: ${sentences.full}`, { cause: error });
    }
    throw new DatabaseError('migration', `${file}: could not be brought up to date: ${reason}`, { cause: error });
  }
}

/** Reads the engine's table, and proves on the way that the file can be opened, read and written: the engine's own errors name no file. */
async function appliedMigrations(file: string): Promise<string[]> {
  try {
    const adapter = await sqliteAdapter(file).connect();
    const query = async (sql: string) => (await adapter.queryRaw({ sql, args: [], argTypes: [] })).rows;
    try {
      await adapter.executeScript('BEGIN IMMEDIATE; ROLLBACK;');
      const tables = await query(`SELECT 1 FROM sqlite_master WHERE name = '_prisma_migrations'`);
      if (tables.length === 0) return [];
      const rows = await query('SELECT migration_name FROM _prisma_migrations WHERE rolled_back_at IS NULL');
      return rows.map(([name]) => String(name));
    } finally {
      await adapter.dispose();
    }
  } catch (error) {
    throw toDatabaseError(error, file);
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
