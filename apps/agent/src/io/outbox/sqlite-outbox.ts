/**
 * @file The outbox in an SQLite file. `sqlite3` works in the thread pool, so that a slow card never blocks the frame loop.
 *
 * WAL with synchronous=NORMAL: what `append` resolved for survives the death of the process at once (SIGKILL included). After
 * a power cut the file is sound, and can lack what was appended since the last checkpoint; that is the price of not waiting
 * for the card's fsync on every write (sqlite.org/pragma.html#pragma_synchronous).
 */
import { mkdir, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isAlpharhoError } from '@alpharho/protocol';
import type { Log, Outbox, OutboxEntry, OutboxRange, Position, Stream } from '../../domain/ports.ts';
import { diskError } from '../system/disk-error.ts';
import { Connection, isDamaged } from './sqlite.ts';

/**
 * The lock is exclusive, so a second agent on the same folder is told so, and WAL needs no shared memory file. Freed pages go
 * back to the disk in steps, or a long outage would leave a large file for ever.
 */
const setUp = `
  PRAGMA auto_vacuum = INCREMENTAL;
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS session (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE);
  CREATE TABLE IF NOT EXISTS entry (
    stream TEXT NOT NULL, session INTEGER NOT NULL REFERENCES session (id), seq INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (stream, session, seq)
  ) WITHOUT ROWID;
`;

/** Pages given back to the disk after a removal: 1 MB at 4 KB each, a short write. */
const vacuumPages = 256;

/** Entries forgotten in one step of `trim`. */
const trimStep = 1000;

export class SqliteOutbox implements Outbox {
  private readonly file: string;
  private readonly log: Log;
  private opening: Promise<Connection> | undefined;
  /** Counted once at opening, then kept in step. */
  private entries = 0;

  /** Nothing is opened before the first call; a failed opening is tried again with the next one. */
  constructor(file: string, log: Log) {
    this.file = file;
    this.log = log;
  }

  async append(stream: Stream, session: string, firstSeq: number, bodies: readonly string[]): Promise<void> {
    if (bodies.length === 0) return;
    const connection = await this.connection();
    await connection.run('INSERT OR IGNORE INTO session (name) VALUES (?)', session);
    // One statement is one transaction, and one crossing into the thread pool, however many entries there are.
    const added = await connection.run(
      `INSERT OR IGNORE INTO entry (stream, session, seq, body)
       SELECT ?1, (SELECT id FROM session WHERE name = ?2), ?3 + item.key, item.value FROM json_each(?4) AS item`,
      stream,
      session,
      firstSeq,
      `[${bodies.join(',')}]`,
    );
    this.entries += added;
  }

  async read(stream: Stream, after: Position | undefined, limit: number): Promise<OutboxEntry[]> {
    const connection = await this.connection();
    return connection.all<OutboxEntry>(
      `SELECT session.name AS session, entry.seq AS seq, entry.body AS body
       FROM entry JOIN session ON session.id = entry.session
       WHERE entry.stream = ?1 AND (entry.session, entry.seq) > (COALESCE((SELECT id FROM session WHERE name = ?2), 0), ?3)
       ORDER BY entry.session, entry.seq LIMIT ?4`,
      stream,
      after?.session ?? '',
      after?.seq ?? 0,
      limit,
    );
  }

  async remove(ranges: readonly OutboxRange[]): Promise<void> {
    const connection = await this.connection();
    for (const { stream, session, from, to } of ranges) {
      const removed = await connection.run(
        'DELETE FROM entry WHERE stream = ? AND session = (SELECT id FROM session WHERE name = ?) AND seq BETWEEN ? AND ?',
        stream,
        session,
        from,
        to,
      );
      this.entries -= removed;
    }
    await connection.exec(`PRAGMA incremental_vacuum(${vacuumPages})`);
  }

  async trim(maxBytes: number): Promise<number> {
    const connection = await this.connection();
    let dropped = 0;
    // Results are all but a few of the bytes, and the primary key gives their oldest at once.
    while (this.entries > 0 && (await this.bytes(connection)) > maxBytes) {
      const gone = (await dropOldest(connection, 'results')) || (await dropOldest(connection, 'telemetry'));
      if (gone === 0) break;
      this.entries -= gone;
      dropped += gone;
    }
    return dropped;
  }

  async size(): Promise<{ entries: number; bytes: number }> {
    const connection = await this.connection();
    return { entries: this.entries, bytes: await this.bytes(connection) };
  }

  async close(): Promise<void> {
    const opening = this.opening;
    this.opening = undefined;
    // A file that never opened has nothing to close.
    const connection = await opening?.catch(() => undefined);
    await connection?.close();
  }

  /** Of the pages in use: what the file would take on disk, without a walk through every entry. */
  private async bytes(connection: Connection): Promise<number> {
    const [row] = await connection.all<{ bytes: number }>(
      `SELECT (page_count - freelist_count) * page_size AS bytes
       FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()`,
    );
    return row?.bytes ?? 0;
  }

  private connection(): Promise<Connection> {
    this.opening ??= this.open().catch((error: unknown) => {
      this.opening = undefined;
      throw error;
    });
    return this.opening;
  }

  private async open(): Promise<Connection> {
    await mkdir(dirname(this.file), { recursive: true }).catch((error: unknown) => {
      throw diskError(dirname(this.file), error);
    });
    try {
      return await this.prepare();
    } catch (error) {
      if (!isDamaged(error)) throw error;
      return this.setAside(error);
    }
  }

  private async prepare(): Promise<Connection> {
    const connection = await Connection.open(this.file);
    try {
      await connection.exec(setUp);
      await forgetEmptySessions(connection);
      const [row] = await connection.all<{ entries: number }>('SELECT COUNT(*) AS entries FROM entry');
      this.entries = row?.entries ?? 0;
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** A file damaged beyond SQLite's reading must not keep the device from working; it stays there for whoever wants to look. */
  private async setAside(error: unknown): Promise<Connection> {
    const aside = `${this.file}.damaged`;
    this.log.error(`${this.file} is damaged (${isAlpharhoError(error) ? error.message : 'unreadable'}): set aside as ${aside}, begun anew`);
    try {
      await rename(this.file, aside);
    } catch (renameError) {
      throw diskError(this.file, renameError);
    }
    return this.prepare();
  }
}

/** Sessions whose entries are all gone; there is one a start, so they would pile up slowly. */
async function forgetEmptySessions(connection: Connection): Promise<void> {
  await connection.run('DELETE FROM session WHERE NOT EXISTS (SELECT 1 FROM entry WHERE entry.session = session.id)');
}

function dropOldest(connection: Connection, stream: Stream): Promise<number> {
  return connection.run(
    `DELETE FROM entry WHERE (stream, session, seq) IN
       (SELECT stream, session, seq FROM entry WHERE stream = ? ORDER BY session, seq LIMIT ${trimStep})`,
    stream,
  );
}
