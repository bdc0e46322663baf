/** @file The outbox's tables, and how they are made from those of an earlier version. */
import { type Stream, streams } from '../../domain/ports.ts';
import { cutChunk, packChunk } from './chunk.ts';
import type { Connection, Statements } from './sqlite.ts';

/**
 * A chunk's id is its place: stream, session and first number in one integer, so that the table is in reading order, no index has to be
 * written beside it, and the newest results always go to its right edge, which is what SQLite does with the fewest pages.
 * INVARIANT: chunks of one session do not overlap.
 *
 * The pages are small, since each commit writes whole ones (src/bench/outbox-writes.ts), and a checkpoint comes each megabyte. The lock is exclusive: a second agent on the same folder is told so, and WAL
 * needs no shared memory file.
 */
export const setUp = `
  PRAGMA page_size = 512;
  PRAGMA auto_vacuum = INCREMENTAL;
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA wal_autocheckpoint = 2000;
  PRAGMA journal_size_limit = 1100000;
  CREATE TABLE IF NOT EXISTS session (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE IF NOT EXISTS chunk (id INTEGER PRIMARY KEY, last INTEGER NOT NULL, kept INTEGER NOT NULL, bodies BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS dropped (
    session TEXT NOT NULL, stream TEXT NOT NULL, entries INTEGER NOT NULL, PRIMARY KEY (session, stream)
  ) WITHOUT ROWID;
`;

const seqBits = 40;
const sessionBits = 20;

/** SQL of a chunk's id. All three are SQL themselves. */
export function placeOf(stream: string, session: string, seq: string): string {
  return `((${stream} << ${seqBits + sessionBits}) | (${session} << ${seqBits}) | ${seq})`;
}

/** SQL of the parts of the column `id`. */
export const parts = {
  stream: `(chunk.id >> ${seqBits + sessionBits})`,
  session: `((chunk.id >> ${seqBits}) & ${2 ** sessionBits - 1})`,
  first: `(chunk.id & ${2 ** seqBits - 1})`,
} as const;

export function streamNumber(stream: Stream): number {
  return streams.indexOf(stream);
}

/** @returns the session's number, a new one where it has none */
export async function numberSession({ run, all }: Statements, name: string): Promise<number> {
  const [known] = await all<{ id: number }>('SELECT id FROM session WHERE name = ?', name);
  if (known !== undefined) return known.id;
  await run('INSERT INTO session (name) VALUES (?)', name);
  const [made] = await all<{ id: number }>('SELECT id FROM session WHERE name = ?', name);
  return made?.id ?? 0;
}

/** Adds entries, cut into chunks. */
export async function addEntries(
  statements: Statements,
  { stream, session, firstSeq, bodies }: { stream: Stream; session: string; firstSeq: number; bodies: readonly string[] },
): Promise<void> {
  const number = await numberSession(statements, session);
  for (let from = 0; from < bodies.length; ) {
    const piece = cutChunk(bodies, from);
    const first = firstSeq + from;
    const data = await packChunk({ stream, session, first }, piece);
    await statements.run(
      `INSERT INTO chunk (id, last, kept, bodies) VALUES (${placeOf('?1', '?2', '?3')}, ?4, ?5, ?6)`,
      streamNumber(stream),
      number,
      first,
      first + piece.length - 1,
      piece.length,
      data,
    );
    from += piece.length;
  }
}

type OldEntry = { readonly stream: Stream; readonly session: string; readonly seq: number; readonly body: string };

/** Rows read at a time while an old file is taken over. */
const takeOverStep = 500;

/** Brings over what an agent of before had in its outbox, one row an entry. */
export async function takeOverOldEntries(connection: Connection): Promise<void> {
  const [old] = await connection.all("SELECT 1 FROM sqlite_schema WHERE name = 'entry'");
  if (old === undefined) return;
  for (;;) {
    const more = await connection.transaction(async (statements) => {
      const rows = await statements.all<OldEntry>(
        `SELECT entry.stream, session.name AS session, entry.seq, entry.body FROM entry JOIN session ON session.id = entry.session
         ORDER BY entry.stream, entry.session, entry.seq LIMIT ${takeOverStep}`,
      );
      for (const run of runsOf(rows)) await addEntries(statements, run);
      await statements.run(
        `DELETE FROM entry WHERE (stream, session, seq) IN
           (SELECT stream, session, seq FROM entry ORDER BY stream, session, seq LIMIT ${takeOverStep})`,
      );
      return rows.length > 0;
    });
    if (!more) break;
  }
  await connection.exec('DROP TABLE entry');
}

function runsOf(rows: readonly OldEntry[]): { stream: Stream; session: string; firstSeq: number; bodies: string[] }[] {
  const runs: { stream: Stream; session: string; firstSeq: number; bodies: string[] }[] = [];
  for (const { stream, session, seq, body } of rows) {
    const last = runs.at(-1);
    const goesOn = last?.stream === stream && last.session === session && last.firstSeq + last.bodies.length === seq;
    if (goesOn) last.bodies.push(body);
    else runs.push({ stream, session, firstSeq: seq, bodies: [body] });
  }
  return runs;
}
