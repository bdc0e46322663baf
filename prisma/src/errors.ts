/** @file The one error class of this package, and how the many shapes of a SQLite failure become it. */

/**
 * - `damaged`: the file is not a database, or its pages contradict each other.
 * - `read_only`: the file or its folder cannot be written or opened.
 * - `full`: no room left on the disk.
 * - `busy`: another process held the file for longer than the busy time-out.
 * - `migration`: a migration failed, or the file was written by a newer version.
 */
export type DatabaseErrorCode = 'damaged' | 'read_only' | 'full' | 'busy' | 'migration';

/** `message` is fit for a person; `cause` is for the log. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  readonly code: DatabaseErrorCode;

  constructor(code: DatabaseErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** SQLite's primary result codes (https://www.sqlite.org/rescode.html): the low byte of an extended code. */
const byResultCode: Record<number, DatabaseErrorCode> = {
  3: 'read_only', // SQLITE_PERM
  5: 'busy', // SQLITE_BUSY
  6: 'busy', // SQLITE_LOCKED
  8: 'read_only', // SQLITE_READONLY
  10: 'read_only', // SQLITE_IOERR: what a medium gives that went away
  11: 'damaged', // SQLITE_CORRUPT
  13: 'full', // SQLITE_FULL
  14: 'read_only', // SQLITE_CANTOPEN
  26: 'damaged', // SQLITE_NOTADB
};

/** What each says of a file, and what to do. */
export const sentences: Record<DatabaseErrorCode, string> = {
  damaged: 'the database is damaged; restore a backup or move the file away to begin a new one',
  read_only: 'the database cannot be opened for writing; check the owner, the permissions and the disk of its folder',
  full: 'the disk of the database is full; free some space',
  busy: 'the database is locked by another program; stop it and try again',
  migration: 'the database could not be brought up to date',
};

/** @returns what kind of failure this is, however deep the driver's error is wrapped; undefined where the database is not to blame. */
export function databaseErrorCode(error: unknown): DatabaseErrorCode | undefined {
  if (error instanceof DatabaseError) return error.code;
  if (typeof error !== 'object' || error === null) return undefined;
  const fields = error as Record<string, unknown>;
  if (fields.kind === 'SocketTimeout') return 'busy';
  for (const key of ['rawCode', 'extendedCode', 'originalCode']) {
    const code = Number(fields[key]);
    if (Number.isInteger(code) && code > 0) return byResultCode[code & 0xff];
  }
  // libsql's binding gives a failed open without any code but this one at the end of its sentence.
  const opening = /^ConnectionFailed\(.*: (\d+)"\)$/.exec(String(fields.message));
  if (opening) return byResultCode[Number(opening[1]) & 0xff];
  const inner = [fields.cause, (fields.meta as { driverAdapterError?: unknown } | undefined)?.driverAdapterError];
  for (const nested of inner) {
    const code = nested === undefined || nested === error ? undefined : databaseErrorCode(nested);
    if (code !== undefined) return code;
  }
  return undefined;
}

/** @returns a DatabaseError that names the file, or the error itself where the database is not to blame. */
export function toDatabaseError(error: unknown, file: string): unknown {
  if (error instanceof DatabaseError) return error;
  const code = databaseErrorCode(error);
  return code === undefined ? error : new DatabaseError(code, `${file}: ${sentences[code]}`, { cause: error });
}
