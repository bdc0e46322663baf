/** @file Opens the database: Prisma's client on one SQLite connection. */
import { existsSync } from 'node:fs';
import { sqliteAdapter } from './adapter.ts';
import { DatabaseError, toDatabaseError } from './errors.ts';
import { PrismaClient } from './generated/client.ts';

export type Database = PrismaClient;

/**
 * Opens `file`, which {@link migrate} has made, for reading and writing, in WAL mode, so that hub and web share it.
 * The caller ends it with `$disconnect()`.
 * @throws DatabaseError damaged | read_only | full | busy | migration (it was never migrated)
 */
export async function openDatabase({ file }: { file: string }): Promise<Database> {
  if (!existsSync(file)) throw new DatabaseError('migration', `${file}: does not exist; run "alpharho migrate" or start the hub first`);
  const database = new PrismaClient({ adapter: sqliteAdapter(file) });
  try {
    // Reads the header and the schema, and takes the write lock once: the earliest moment at which a bad file can be told.
    await database.$transaction([database.change.count()]);
    return database;
  } catch (error) {
    await database.$disconnect().catch(() => undefined);
    if ((error as { message?: string }).message?.includes('no such table')) {
      throw new DatabaseError('migration', `${file}: holds no tables yet; run "alpharho migrate" or start the hub first`, { cause: error });
    }
    throw toDatabaseError(error, file);
  }
}
