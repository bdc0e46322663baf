/**
 * @file The outbox in an SQLite file. `sqlite3` works in the thread pool, so that a slow card never blocks the frame loop.
 *
 * WAL with synchronous=NORMAL: what `commit` resolved for survives the death of the process at once (SIGKILL included). After
 * a power cut the file is sound, and can lack what was committed since the last checkpoint; that is the price of not waiting
 * for the card's fsync on every write (sqlite.org/pragma.html#pragma_synchronous).
 */
import { dirname } from 'node:path';
import type { Drops, Outbox, OutboxChange, OutboxDamage, OutboxEntry, Position, Stream } from '../../domain/ports.ts';
import { streams } from '../../domain/ports.ts';
import { Tally } from '../../domain/tally.ts';
import { diskError } from '../system/disk-error.ts';
import { makeFolder } from '../system/make-folder.ts';
import { unpackChunk } from './chunk.ts';
import {
  addBatch,
  type ChunkRow,
  chunks,
  countDrop,
  dropToFit,
  type FullChunkRow,
  type Place,
  placeAfter,
  readChunks,
  readStep,
  removeRange,
} from './chunk-rows.ts';
import { bytesOf, giveBack } from './file-size.ts';
import { parts, placeOf, setUp, streamNumber, takeOverOldEntries } from './schema.ts';
import { setAside } from './set-aside.ts';
import { Connection, damage, isDamaged } from './sqlite.ts';

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
      if (change.remove !== undefined && change.remove.length > 0) await giveBack(connection);
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
}
