/**
 * @file The outbox in an SQLite file. `sqlite3` works in the thread pool, so that a slow card never blocks the frame loop.
 *
 * WAL with synchronous=NORMAL: what `commit` resolved for survives the death of the process at once (SIGKILL included). After
 * a power cut the file is sound, and can lack what was committed since the last checkpoint; that is the price of not waiting
 * for the card's fsync on every write (sqlite.org/pragma.html#pragma_synchronous).
 */
import { dirname } from 'node:path';
import type {
  Drops,
  Outbox,
  OutboxBatch,
  OutboxChange,
  OutboxDamage,
  OutboxEntry,
  OutboxRange,
  Position,
  Stream,
} from '../../domain/ports.ts';
import { streams } from '../../domain/ports.ts';
import { Tally } from '../../domain/tally.ts';
import { diskError } from '../system/disk-error.ts';
import { makeFolder } from '../system/make-folder.ts';
import { packChunk, unpackChunk } from './chunk.ts';
import { addEntries, numberSession, parts, placeOf, setUp, streamNumber, takeOverOldEntries } from './schema.ts';
import { setAside } from './set-aside.ts';
import { Connection, damage, isDamaged, type Statements } from './sqlite.ts';

/** Chunks read in one statement. */
const readStep = 50;

/** Freed pages go back to the disk where they are the greater part of the file and more than this, or a long outage would leave a large file for ever. */
const vacuumBytes = 1_000_000;
/** Pages given back in one step: a short write. */
const vacuumPages = 512;

type ChunkRow = {
  readonly place: number;
  readonly session: string | null;
  readonly first: number;
  readonly last: number;
  readonly kept: number;
};
type FullChunkRow = ChunkRow & { readonly bodies: Buffer };

const columns = `${parts.session} AS place, session.name AS session, ${parts.first} AS first, chunk.last AS last, chunk.kept AS kept`;
const chunks = `chunk LEFT JOIN session ON session.id = ${parts.session}`;
/** ?1 stream, ?2 session, ?3 seq: the last chunk that begins at or before that entry, else the stream's first. */
const startAt = `COALESCE((SELECT max(id) FROM chunk WHERE id BETWEEN ${placeOf('?1', '0', '0')} AND ${placeOf('?1', '?2', '?3')}), ${placeOf('?1', '0', '0')})`;

export class SqliteOutbox implements Outbox {
  private readonly file: string;
  private readonly connect: (file: string) => Promise<Connection>;
  private opening: Promise<Connection> | undefined;
  private counting: Promise<void> | undefined;
  /** Counted once after opening, then kept in step. */
  private readonly entries = new Tally();
  private readonly drops = new Tally();
  private listener: ((damage: OutboxDamage) => void) | undefined;
  private untold: OutboxDamage[] = [];

  /**
   * Nothing is opened before the first call; a failed opening is tried again with the next one.
   * @param connect opens the file; a test gives one that is slow, or breaks
   */
  constructor(file: string, connect: (file: string) => Promise<Connection> = Connection.open) {
    this.file = file;
    this.connect = connect;
  }

  async open(): Promise<void> {
    await this.connection();
  }

  onDamaged(listener: (damage: OutboxDamage) => void): void {
    this.listener = listener;
    for (const damage of this.untold.splice(0)) listener(damage);
  }

  commit(change: OutboxChange): Promise<void> {
    return this.use(async (connection) => {
      const done = await connection.transaction(async (statements) => {
        const counts = new Tally();
        for (const range of change.remove ?? []) await removeRange(statements, range, counts);
        for (const batch of change.add ?? []) await addBatch(statements, batch, counts);
        for (const drop of change.drops ?? []) await countDrop(statements, drop);
        return counts;
      });
      this.entries.addAll(done.list());
      this.drops.addAll(change.drops ?? []);
      if (change.remove !== undefined && change.remove.length > 0) await this.giveBack(connection);
    });
  }

  read(stream: Stream, after: Position | undefined, limit: number): Promise<OutboxEntry[]> {
    return this.use(async (connection) => {
      const found: OutboxEntry[] = [];
      const start = await placeAfter(connection, after);
      let place = start;
      for (;;) {
        const rows = await readChunks(connection, stream, place);
        for (const row of rows) {
          const { session, first } = row;
          this.checkOrder(row, place);
          place = { session: row.place, seq: row.last };
          const bodies = await this.unpack(connection, stream, row);
          for (const [index, body] of bodies.entries()) {
            const seq = first + index;
            const isOld = row.place === start.session && seq <= start.seq;
            if (body === undefined || isOld || session === null) continue;
            found.push({ session, seq, body });
            if (found.length === limit) return found;
          }
        }
        if (rows.length < readStep) return found;
      }
    });
  }

  trim(maxBytes: number): Promise<Drops[]> {
    return this.use(async (connection) => {
      if ((await bytesOf(connection)) <= maxBytes) return [];
      const dropped = await connection.transaction((statements) => dropToFit(statements, maxBytes));
      for (const { stream, session, entries } of dropped) this.entries.add(stream, session, -entries);
      this.drops.addAll(dropped);
      return dropped;
    });
  }

  size(): Promise<{ entries: Record<Stream, number>; bytes: number }> {
    return this.use(async (connection) => ({ entries: this.entries.byStream(), bytes: await bytesOf(connection) }));
  }

  dropped(): Promise<Drops[]> {
    return this.use(async () => this.drops.list());
  }

  forgetDrops(sessions: readonly string[]): Promise<void> {
    return this.use(async (connection) => {
      for (const session of sessions) await connection.run('DELETE FROM dropped WHERE session = ?', session);
      for (const { stream, session, entries } of this.drops.list()) {
        if (sessions.includes(session)) this.drops.add(stream, session, -entries);
      }
    });
  }

  async close(): Promise<void> {
    const { opening } = this;
    this.opening = undefined;
    this.counting = undefined;
    // A file that never opened has nothing to close.
    const connection = await opening?.catch(() => undefined);
    await connection?.close();
  }

  /** Damage may show itself in any statement: the file is replaced then, and the work done on the new one. */
  private async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.connection();
    try {
      await this.counted(connection);
      return await work(connection);
    } catch (error) {
      if (!isDamaged(error)) throw error;
      return work(await this.replace(connection, error));
    }
  }

  private connection(): Promise<Connection> {
    this.opening ??= this.openOrReplace().catch((error: unknown) => {
      this.opening = undefined;
      throw error;
    });
    return this.opening;
  }

  private async openOrReplace(): Promise<Connection> {
    const { file } = this;
    await makeFolder(dirname(file)).catch((error: unknown) => {
      throw diskError(dirname(file), error);
    });
    try {
      return await this.prepare();
    } catch (error) {
      if (!isDamaged(error)) throw error;
      return this.beginAnew(error);
    }
  }

  private async prepare(): Promise<Connection> {
    const connection = await this.connect(this.file);
    try {
      await connection.exec(setUp);
      await takeOverOldEntries(connection);
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** A table out of order would be read in a circle. */
  private checkOrder({ place, last }: ChunkRow, before: Place): void {
    if (place < before.session || (place === before.session && last <= before.seq)) throw damage(this.file, 'entries out of order');
  }

  /** Reads the whole file once, so the start does not wait for it. */
  private counted(connection: Connection): Promise<void> {
    this.counting ??= this.count(connection).catch((error: unknown) => {
      this.counting = undefined;
      throw error;
    });
    return this.counting;
  }

  private async count(connection: Connection): Promise<void> {
    const [check] = await connection.all<{ quick_check: string }>('PRAGMA quick_check(1)');
    if (check?.quick_check !== 'ok') throw damage(this.file, check?.quick_check ?? 'it cannot be checked');
    const rows = await connection.all<{ stream: number; place: number; session: string | null; entries: number }>(
      `SELECT ${parts.stream} AS stream, ${parts.session} AS place, session.name AS session, SUM(chunk.kept) AS entries
       FROM ${chunks} GROUP BY stream, place`,
    );
    const isStray = rows.some(({ stream, session }) => session === null || streams[stream] === undefined);
    if (isStray) throw damage(this.file, 'entries of nobody');
    const drops = await connection.all<Drops>('SELECT session, stream, entries FROM dropped');
    // Sessions whose entries are all gone; there is one a start, so they would pile up slowly.
    const places = JSON.stringify(rows.map(({ place }) => place));
    await connection.run('DELETE FROM session WHERE id NOT IN (SELECT value FROM json_each(?))', places);
    this.entries.clear();
    this.drops.clear();
    this.drops.addAll(drops);
    for (const { stream, session, entries } of rows) this.entries.add(streams[stream] as Stream, session as string, entries);
  }

  /** @returns the connection to the file that is there now. Whoever comes second with the same damage gets what the first one made. */
  private async replace(connection: Connection, error: unknown): Promise<Connection> {
    const current = await this.opening;
    if (current !== connection) return this.connection();
    await connection.close().catch(() => undefined);
    this.opening = this.beginAnew(error).catch((failure: unknown) => {
      this.opening = undefined;
      throw failure;
    });
    return this.opening;
  }

  /** A file damaged beyond SQLite's reading must not keep the device from working. What was in it, as far as it was counted, counts as dropped. */
  private async beginAnew(error: unknown): Promise<Connection> {
    const { file } = this;
    let aside: string;
    try {
      aside = await setAside(file);
    } catch (fault) {
      throw diskError(file, fault);
    }
    const lost = this.entries.list();
    this.entries.clear();
    this.drops.addAll(lost);
    const known = this.drops.list();
    const connection = await this.prepare();
    await connection.transaction(async (statements) => {
      for (const drop of known) await countDrop(statements, drop);
    });
    this.counting = Promise.resolve();
    const reason = error instanceof Error ? error.message : String(error);
    this.damaged({ message: `${file} is damaged (${reason}): set aside as ${aside}, begun anew`, drops: lost });
    return connection;
  }

  private damaged(damage: OutboxDamage): void {
    if (this.listener === undefined) this.untold.push(damage);
    else this.listener(damage);
  }

  /** @returns nothing for a chunk that is damaged: it is given up, and the rest of the file read on. */
  private async unpack(connection: Connection, stream: Stream, row: FullChunkRow): Promise<(string | undefined)[]> {
    const { session, first, last } = row;
    try {
      if (session === null) throw new Error('its session is not in the file');
      const bodies = await unpackChunk({ stream, session, first }, row.bodies);
      if (bodies.length !== last - first + 1) throw new Error(`it holds ${bodies.length} entries`);
      await this.recount(connection, stream, session, row, bodies);
      return bodies;
    } catch (error) {
      await this.loseChunk(connection, stream, row, error);
      return [];
    }
  }

  /** The count beside a chunk is not covered by the chunk's sum; the content is right. */
  private async recount(
    connection: Connection,
    stream: Stream,
    session: string,
    { place, first, kept }: FullChunkRow,
    bodies: readonly (string | undefined)[],
  ): Promise<void> {
    const count = bodies.filter((body) => body !== undefined).length;
    if (count === kept) return;
    const sql = `UPDATE chunk SET kept = ?4 WHERE id = ${placeOf('?1', '?2', '?3')}`;
    await connection.run(sql, streamNumber(stream), place, first, count);
    this.entries.add(stream, session, count - kept);
  }

  private async loseChunk(connection: Connection, stream: Stream, row: FullChunkRow, error: unknown): Promise<void> {
    const { place, first, last, kept } = row;
    const session = row.session ?? '';
    const drop = { stream, session, entries: kept };
    const gone = await connection.transaction(async (statements) => {
      const sql = `DELETE FROM chunk WHERE id = ${placeOf('?1', '?2', '?3')}`;
      const rows = await statements.run(sql, streamNumber(stream), place, first);
      if (rows > 0) await countDrop(statements, drop);
      return rows > 0;
    });
    // Another reader was here first.
    if (!gone) return;
    this.entries.add(stream, session, -kept);
    this.drops.addAll([drop]);
    const reason = error instanceof Error ? error.message : String(error);
    const message = `${this.file}: ${stream} ${first} to ${last} of session ${session || place} are damaged (${reason}) and given up`;
    this.damaged({ message, drops: [drop] });
  }

  private async giveBack(connection: Connection): Promise<void> {
    for (;;) {
      const { pages, free, pageSize } = await pagesOf(connection);
      if (free * pageSize <= vacuumBytes || free * 2 <= pages) return;
      await connection.exec(`PRAGMA incremental_vacuum(${vacuumPages})`);
    }
  }
}

type Place = { readonly session: number; readonly seq: number };

async function placeAfter(connection: Connection, after: Position | undefined): Promise<Place> {
  if (after === undefined) return { session: 0, seq: 0 };
  const [row] = await connection.all<{ id: number }>('SELECT id FROM session WHERE name = ?', after.session);
  return row === undefined ? { session: 0, seq: 0 } : { session: row.id, seq: after.seq };
}

function readChunks(connection: Connection, stream: Stream, { session, seq }: Place): Promise<FullChunkRow[]> {
  return connection.all<FullChunkRow>(
    `SELECT ${columns}, chunk.bodies AS bodies FROM ${chunks}
     WHERE chunk.id >= ${startAt} AND chunk.id < ${placeOf('?1 + 1', '0', '0')} AND NOT (${parts.session} = ?2 AND chunk.last <= ?3)
     ORDER BY chunk.id LIMIT ${readStep}`,
    streamNumber(stream),
    session,
    seq,
  );
}

/** An append whose success was never heard of is tried again: what is kept already is passed over. */
async function addBatch(statements: Statements, batch: OutboxBatch, counts: Tally): Promise<void> {
  const { stream, session, firstSeq, bodies } = batch;
  const number = await numberSession(statements, session);
  const [kept] = await statements.all<{ last: number }>(
    `SELECT last FROM chunk WHERE id BETWEEN ${placeOf('?1', '?2', '0')} AND ${placeOf('?1', '?2', '1099511627775')} ORDER BY id DESC LIMIT 1`,
    streamNumber(stream),
    number,
  );
  const known = Math.max((kept?.last ?? 0) + 1 - firstSeq, 0);
  if (known >= bodies.length) return;
  await addEntries(statements, { stream, session, firstSeq: firstSeq + known, bodies: bodies.slice(known) });
  counts.add(stream, session, bodies.length - known);
}

async function removeRange(statements: Statements, { stream, session, from, to }: OutboxRange, counts: Tally): Promise<void> {
  const [known] = await statements.all<{ id: number }>('SELECT id FROM session WHERE name = ?', session);
  if (known === undefined) return;
  const rows = await statements.all<FullChunkRow>(
    `SELECT ${columns}, chunk.bodies AS bodies FROM ${chunks}
     WHERE chunk.id BETWEEN ${startAt} AND ${placeOf('?1', '?2', '?4')} AND ${parts.session} = ?2 AND chunk.last >= ?3`,
    streamNumber(stream),
    known.id,
    from,
    to,
  );
  for (const row of rows) counts.add(stream, session, -(await removeFrom(statements, stream, session, row, from, to)));
}

/** @returns how many entries of the chunk are gone now */
async function removeFrom(
  { run }: Statements,
  stream: Stream,
  session: string,
  { place, first, last, kept, bodies: data }: FullChunkRow,
  from: number,
  to: number,
): Promise<number> {
  const id = placeOf('?1', '?2', '?3');
  if (from > first || to < last) {
    const bodies = await unpackChunk({ stream, session, first }, data).catch(() => undefined);
    // A damaged chunk is found when it is read; nothing of it can be removed by itself.
    if (bodies === undefined) return 0;
    const left = bodies.map((body, index) => (first + index >= from && first + index <= to ? undefined : body));
    const count = left.filter((body) => body !== undefined).length;
    if (count > 0) {
      const packed = await packChunk({ stream, session, first }, left);
      await run(`UPDATE chunk SET kept = ?4, bodies = ?5 WHERE id = ${id}`, streamNumber(stream), place, first, count, packed);
      return kept - count;
    }
  }
  await run(`DELETE FROM chunk WHERE id = ${id}`, streamNumber(stream), place, first);
  return kept;
}

async function dropToFit(statements: Statements, maxBytes: number): Promise<Drops[]> {
  const dropped = new Tally();
  for (const stream of [...streams].reverse()) {
    for (;;) {
      const excess = (await bytesOf(statements)) - maxBytes;
      if (excess <= 0) break;
      const gone = await dropOldest(statements, stream, excess);
      if (gone.length === 0) break;
      dropped.addAll(gone);
    }
  }
  const drops = dropped.list();
  for (const drop of drops) await countDrop(statements, drop);
  return drops;
}

/** Gives up the oldest chunks of a stream that take about `bytes` together. */
async function dropOldest({ run, all }: Statements, stream: Stream, bytes: number): Promise<Drops[]> {
  const rows = await all<ChunkRow & { readonly bytes: number }>(
    `SELECT ${columns}, length(chunk.bodies) AS bytes FROM ${chunks}
     WHERE chunk.id >= ${placeOf('?1', '0', '0')} AND chunk.id < ${placeOf('?1 + 1', '0', '0')} ORDER BY chunk.id LIMIT 200`,
    streamNumber(stream),
  );
  const drops: Drops[] = [];
  let freed = 0;
  for (const row of rows) {
    if (freed >= bytes) break;
    freed += row.bytes;
    await run(`DELETE FROM chunk WHERE id = ${placeOf('?1', '?2', '?3')}`, streamNumber(stream), row.place, row.first);
    drops.push({ stream, session: row.session ?? '', entries: row.kept });
  }
  return drops;
}

async function countDrop({ run }: Statements, { stream, session, entries }: Drops): Promise<void> {
  await run(
    `INSERT INTO dropped (session, stream, entries) VALUES (?, ?, ?)
     ON CONFLICT (session, stream) DO UPDATE SET entries = entries + excluded.entries`,
    session,
    stream,
    entries,
  );
}

async function pagesOf(statements: Pick<Statements, 'all'>): Promise<{ pages: number; free: number; pageSize: number }> {
  const [row] = await statements.all<{ pages: number; free: number; pageSize: number }>(
    `SELECT page_count AS pages, freelist_count AS free, page_size AS pageSize
     FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()`,
  );
  return row ?? { pages: 0, free: 0, pageSize: 0 };
}

/** Of the pages in use: what the file would take on disk, without a walk through every entry. */
async function bytesOf(statements: Pick<Statements, 'all'>): Promise<number> {
  const { pages, free, pageSize } = await pagesOf(statements);
  return (pages - free) * pageSize;
}
