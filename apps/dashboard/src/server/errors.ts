/** @file How the failures of the layers below become the one error class that has words for people. */
import { DatabaseError, type DatabaseErrorCode } from '@alpharho/db';
import { AlpharhoError, type ErrorCode } from '@alpharho/protocol';

const codes: Record<DatabaseErrorCode, ErrorCode> = {
  damaged: 'database_damaged',
  read_only: 'disk_read_only',
  full: 'disk_full',
  busy: 'database_busy',
  migration: 'database_outdated',
};

/** Runs `work` and gives the database's own errors their place in the error table. */
export async function withAlpharhoErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof DatabaseError ? new AlpharhoError(codes[error.code], error.message, { cause: error }) : error;
  }
}
