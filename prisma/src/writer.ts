/**
 * @file The bulk door: prepared statements straight on the driver, for the one writer of history (docs/adr/0001).
 * Everything is synchronous, and a wait for another process's commit blocks the thread, so it belongs in a thread of its own.
 */
import Driver from 'libsql';
import { busyTimeoutMs, pragmas } from './adapter.ts';
import { toDatabaseError } from './errors.ts';

/** Numbers are bound as REAL; a column of INTEGER or DATETIME affinity stores a whole one as an integer again. */
export type SqlValue = string | number | bigint | Uint8Array | null;
export type SqlRow = Record<string, string | number | null>;

export type Statement = {
  /** @returns how many rows it changed. */
  run: (...values: SqlValue[]) => number;
  /** @returns the first row. */
  get: (...values: SqlValue[]) => SqlRow | undefined;
  all: (...values: SqlValue[]) => SqlRow[];
};

export type Writer = {
  prepare: (sql: string) => Statement;
  /**
   * Runs `work` in one transaction that holds the write lock from its start; rolled back where `work` throws.
   * @throws DatabaseError where the database is to blame, or else what `work` threw.
   */
  transaction: <T>(work: () => T) => T;
  /** Runs `work` inside a transaction so that what it did is undone, and nothing else, where it throws. */
  attempt: <T>(work: () => T) => T;
  close: () => void;
};

/**
 * Opens `file`, which migrate() has made, on a connection of its own.
 * @throws DatabaseError damaged | read_only | full | busy
 */
export function openWriter(file: string): Writer {
  let driver: Driver.Database;
  try {
    driver = new Driver(file, { timeout: busyTimeoutMs });
    driver.exec(pragmas.map((pragma) => `PRAGMA ${pragma};`).join('\n'));
  } catch (error) {
    throw toDatabaseError(error, file);
  }
  return {
    prepare: (sql) => prepare(driver, sql),
    transaction: (work) => {
      try {
        driver.exec('BEGIN IMMEDIATE');
        return within(driver, work, { keep: 'COMMIT', undo: 'ROLLBACK' });
      } catch (error) {
        throw toDatabaseError(error, file);
      }
    },
    attempt: (work) => {
      driver.exec('SAVEPOINT attempt');
      return within(driver, work, { keep: 'RELEASE attempt', undo: 'ROLLBACK TO attempt; RELEASE attempt' });
    },
    close: () => {
      driver.close();
    },
  };
}

function within<T>(driver: Driver.Database, work: () => T, { keep, undo }: { keep: string; undo: string }): T {
  try {
    const result = work();
    driver.exec(keep);
    return result;
  } catch (error) {
    // A full disk may have rolled everything back already.
    if (driver.inTransaction) driver.exec(undo);
    throw error;
  }
}

function prepare(driver: Driver.Database, sql: string): Statement {
  const statement = driver.prepare(sql);
  return {
    run: (...values) => statement.run(values).changes,
    get: (...values) => {
      const row = statement.get(values) as DriverRow | undefined;
      return row === undefined ? undefined : plain(row);
    },
    all: (...values) => (statement.all(values) as DriverRow[]).map(plain),
  };
}

/** The driver adds how long the query took. */
type DriverRow = { _metadata: object } & Record<string, string | number | null>;

function plain({ _metadata, ...row }: DriverRow): SqlRow {
  return row;
}
