/** @file How the failures of the layers below become the one error class that has words for people. */
import { DatabaseError, toDatabaseError } from '@alpharho/db';
import { AlpharhoError } from '@alpharho/protocol';
import { databaseCodes } from './database-codes.ts';

/** Runs `work` and gives the errors of the database and of files their place in the error table. */
export async function withAlpharhoErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const found = toDatabaseError(error, 'alpharho.db');
    throw found instanceof DatabaseError ? new AlpharhoError(databaseCodes[found.code], found.message, { cause: error }) : fileError(error);
  }
}

/** What the system said of a file, or the error itself where it was none of the system's. */
function fileError(error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error;
  const { code, path, dest } = error as NodeJS.ErrnoException & { dest?: string };
  if (code === 'ENOSPC' || code === 'EDQUOT') return new AlpharhoError('disk_full', 'the disk is full; free some space', { cause: error });
  return new AlpharhoError('disk_read_only', `${dest ?? path ?? 'the data folder'} cannot be written (${code})`, { cause: error });
}
