/** @file What went wrong with the database, in the words of the one error table. */
import type { DatabaseErrorCode } from '@alpharho/db';
import type { ErrorCode } from '@alpharho/protocol';

export const databaseCodes: Record<DatabaseErrorCode, ErrorCode> = {
  damaged: 'database_damaged',
  read_only: 'disk_read_only',
  full: 'disk_full',
  busy: 'database_busy',
  migration: 'database_outdated',
};
