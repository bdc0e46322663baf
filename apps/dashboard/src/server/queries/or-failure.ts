/** @file A database that cannot be read is an expected outcome of a page, with a sentence that says what to do. */
import 'server-only';
import type { DatabaseErrorCode } from '@alpharho/db';
import { connection } from 'next/server';
import { databaseErrorCode } from './database-module.ts';
import { logger } from './process-state.ts';

export type Loaded<T> = { ok: true; value: T } | { ok: false; cause: string };

const causes: Record<DatabaseErrorCode, string> = {
  damaged: 'Its file is damaged. Restore a backup, or move the file away to begin a new one.',
  read_only: 'Its file cannot be opened for writing. Check the owner, the permissions and the disk of the data folder.',
  full: 'The disk of the data folder is full. Free some space.',
  busy: 'Another program holds it locked. It is tried again by itself.',
  migration: 'It is not set up yet, or was made by another version. Starting the hub sets it up.',
};

/** Runs a page's queries. Failures that are not the database's go on to the error page. */
export async function orFailure<T>(load: () => Promise<T>): Promise<Loaded<T>> {
  // Pages are made for a request, never while building: there is no fleet then.
  await connection();
  try {
    return { ok: true, value: await load() };
  } catch (error) {
    const code = databaseErrorCode(error);
    if (code === undefined) throw error;
    logger().error({ err: error }, 'a page could not read the database');
    return { ok: false, cause: causes[code] };
  }
}
