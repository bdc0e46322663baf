/** @file What is done to the chunks in the outbox's tables: read in order, added, removed, given up. Each is a part of one transaction, or a read. */
import type { Drops, OutboxBatch, OutboxRange, Position, Stream } from '../../domain/ports.ts';
import { streams } from '../../domain/ports.ts';
import { Tally } from '../../domain/tally.ts';
import { packChunk, unpackChunk } from './chunk.ts';
import { bytesOf } from './file-size.ts';
import { addEntries, numberSession, parts, placeOf, streamNumber } from './schema.ts';
import type { Connection, Statements } from './sqlite.ts';

/** Chunks read in one statement. */
export const readStep = 50;

export type ChunkRow = {
  readonly place: number;
  readonly session: string | null;
  readonly first: number;
  readonly last: number;
  readonly kept: number;
};
export type FullChunkRow = ChunkRow & { readonly bodies: Buffer };

const columns = `${parts.session} AS place, session.name AS session, ${parts.first} AS first, chunk.last AS last, chunk.kept AS kept`;
export const chunks = `chunk LEFT JOIN session ON session.id = ${parts.session}`;
/** ?1 stream, ?2 session, ?3 seq: the last chunk that begins at or before that entry, else the stream's first. */
const startAt = `COALESCE((SELECT max(id) FROM chunk WHERE id BETWEEN ${placeOf('?1', '0', '0')} AND ${placeOf('?1', '?2', '?3')}), ${placeOf('?1', '0', '0')})`;

/** Of an entry, as the table counts sessions. */
export type Place = { readonly session: number; readonly seq: number };

/** @returns the beginning where that session is not known */
export async function placeAfter(connection: Connection, after: Position | undefined): Promise<Place> {
  if (after === undefined) return { session: 0, seq: 0 };
  const [row] = await connection.all<{ id: number }>('SELECT id FROM session WHERE name = ?', after.session);
  return row === undefined ? { session: 0, seq: 0 } : { session: row.id, seq: after.seq };
}

/** Those that hold entries behind a place, in order; `readStep` of them at most. */
export function readChunks(connection: Connection, stream: Stream, { session, seq }: Place): Promise<FullChunkRow[]> {
  return connection.all<FullChunkRow>(
    `SELECT ${columns}, chunk.bodies AS bodies FROM ${chunks}
     WHERE chunk.id >= ${startAt} AND chunk.id < ${placeOf('?1 + 1', '0', '0')} AND NOT (${parts.session} = ?2 AND chunk.last <= ?3)
     ORDER BY chunk.id LIMIT ${readStep}`,
    streamNumber(stream),
    session,
    seq,
  );
}

/** An append whose success was never heard of is tried again: what is kept already is passed over. @param counts takes what is new */
export async function addBatch(statements: Statements, batch: OutboxBatch, counts: Tally): Promise<void> {
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

/** @param counts takes what is gone, negative */
export async function removeRange(statements: Statements, { stream, session, from, to }: OutboxRange, counts: Tally): Promise<void> {
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

/** The lowest priority first, the oldest of it first. @returns what is given up, which it counts */
export async function dropToFit(statements: Statements, maxBytes: number): Promise<Drops[]> {
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

/** Adds to what was ever given up. */
export async function countDrop({ run }: Statements, { stream, session, entries }: Drops): Promise<void> {
  await run(
    `INSERT INTO dropped (session, stream, entries) VALUES (?, ?, ?)
     ON CONFLICT (session, stream) DO UPDATE SET entries = entries + excluded.entries`,
    session,
    stream,
    entries,
  );
}
