/** @file A small promise layer over `sqlite3`'s callbacks: one connection, one statement at a time, errors with codes of ours. */
import { AlpharhoError, type ErrorCode } from '@alpharho/protocol';
import sqlite3 from 'sqlite3';

export type SqlValue = string | number | Buffer | null;

/** SQLite's primary result codes (sqlite.org/rescode.html) that name a state of the machine rather than a fault of ours. */
const codes: Record<string, ErrorCode> = {
  SQLITE_FULL: 'disk_full',
  SQLITE_READONLY: 'disk_read_only',
  SQLITE_CANTOPEN: 'disk_read_only',
  SQLITE_PERM: 'disk_read_only',
  // The other process keeps its lock for as long as it lives, so waiting would not help.
  SQLITE_BUSY: 'data_dir_in_use',
};

/** Damage of the file itself, not of the disk's state. */
export function isDamaged(error: unknown): boolean {
  const cause = error instanceof AlpharhoError ? error.cause : error;
  const code = sqliteCode(cause);
  // The tables are not what this program made them.
  const isForeign = code === 'SQLITE_ERROR' && /no such (table|column)|has no column|unsupported file format|malformed/.test(String(cause));
  return code === 'SQLITE_CORRUPT' || code === 'SQLITE_NOTADB' || isForeign;
}

/** Damage that SQLite did not notice by itself. */
export function damage(file: string, detail: string): AlpharhoError {
  return wrap(file, Object.assign(new Error(detail), { code: 'SQLITE_CORRUPT' }));
}

function sqliteCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function wrap(file: string, error: Error): AlpharhoError {
  const sqlite = sqliteCode(error);
  const code = codes[sqlite ?? ''] ?? 'internal';
  const words =
    code === 'data_dir_in_use' ? 'another agent works in this data folder; give each its own --id or --data-dir' : error.message;
  return new AlpharhoError(code, `${file}: ${words}`, { cause: error });
}

/** What a transaction may do. */
export type Statements = {
  /** @returns how many rows it changed */
  readonly run: (sql: string, ...values: SqlValue[]) => Promise<number>;
  readonly all: <Row>(sql: string, ...values: SqlValue[]) => Promise<Row[]>;
};

/**
 * INVARIANT: calls run in their order, each after the one before has ended; `sqlite3` alone would run them side by side. A transaction
 * is one call: nothing runs between its statements.
 */
export class Connection implements Statements {
  private readonly file: string;
  private readonly database: sqlite3.Database;
  private tail: Promise<unknown> = Promise.resolve();

  private constructor(file: string, database: sqlite3.Database) {
    this.file = file;
    this.database = database;
  }

  /** @throws AlpharhoError disk_full, disk_read_only, data_dir_in_use, internal */
  static open(file: string): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const database = new sqlite3.Database(file, (error) => {
        if (error === null) resolve(new Connection(file, database));
        else reject(wrap(file, error));
      });
    });
  }

  run(sql: string, ...values: SqlValue[]): Promise<number> {
    return this.queue(() => this.runNow(sql, values));
  }

  all<Row>(sql: string, ...values: SqlValue[]): Promise<Row[]> {
    return this.queue(() => this.allNow<Row>(sql, values));
  }

  /** Several statements without parameters. */
  exec(sql: string): Promise<void> {
    return this.queue(() => this.execNow(sql));
  }

  /** All of it or none. @param work touches the database by what it is given only */
  transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    return this.queue(async () => {
      await this.execNow('BEGIN IMMEDIATE');
      try {
        const value = await work({
          run: (sql, ...values) => this.runNow(sql, values),
          all: <Row>(sql: string, ...values: SqlValue[]) => this.allNow<Row>(sql, values),
        });
        await this.execNow('COMMIT');
        return value;
      } catch (error) {
        // SQLite has rolled back by itself after some errors, and says so with another one.
        await this.execNow('ROLLBACK').catch(() => undefined);
        throw error;
      }
    });
  }

  close(): Promise<void> {
    return this.queue(() => this.call<void>((settle) => this.database.close((error) => settle(error))));
  }

  private runNow(sql: string, values: SqlValue[]): Promise<number> {
    return this.call<number>((settle) => {
      this.database.run(sql, values, function (error) {
        settle(error, this.changes);
      });
    });
  }

  private allNow<Row>(sql: string, values: SqlValue[]): Promise<Row[]> {
    return this.call<Row[]>((settle) => this.database.all<Row>(sql, values, settle));
  }

  private execNow(sql: string): Promise<void> {
    return this.call<void>((settle) => this.database.exec(sql, (error) => settle(error)));
  }

  private call<T>(start: (settle: (error: Error | null, value: T) => void) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      start((error, value) => (error === null || error === undefined ? resolve(value) : reject(wrap(this.file, error))));
    });
  }

  private queue<T>(work: () => Promise<T>): Promise<T> {
    const next = this.tail.then(work);
    this.tail = next.catch(() => undefined);
    return next;
  }
}
