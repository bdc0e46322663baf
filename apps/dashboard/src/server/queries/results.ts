/** @file Results of a device, newest first, a page at a time. */
import 'server-only';
import type { Database } from '@alpharho/db';
import type { TopEntry } from '@/lib/device-facts.ts';
import { deviceText } from '@/lib/device-text.ts';
import { type ResultCursor, writeCursor } from '@/lib/result-cursor.ts';
import type { VariantFacts } from '@/lib/variant-facts.ts';
import { Prisma } from './database-module.ts';
import { readVariantsById } from './device.ts';
import { parseTop } from './facts.ts';
import { database } from './process-state.ts';

export type ResultRow = {
  key: string;
  at: number;
  session: string;
  seq: number;
  frame: number;
  ms: number;
  label: string;
  probability: number;
  top: TopEntry[];
  variant: VariantFacts | null;
};

export type ResultPage = { rows: ResultRow[]; older: string | null; newer: string | null };

type Raw = {
  sessionId: number | bigint;
  seq: number | bigint;
  frame: number | bigint;
  atMs: string;
  variantId: string;
  ms: number;
  label: string;
  probability: number;
  top: string;
  session: string;
};

/**
 * Pages by key, not by offset: new results do not move what is being read.
 * @param cursor where the last page ended; undefined for the newest results.
 */
export async function loadResults(deviceId: string, limit: number, cursor?: ResultCursor): Promise<ResultPage> {
  const db = await database();
  const forwards = cursor?.direction === 'newer';
  const rows = await readPage(db, deviceId, limit + 1, cursor);
  const more = rows.length > limit;
  const page = rows.slice(0, limit);
  if (forwards) page.reverse();
  const variants = await readVariantsById(
    db,
    page.map(({ variantId }) => variantId),
  );
  const first = page[0];
  const last = page.at(-1);
  const hasOlder = forwards ? page.length > 0 : more;
  const hasNewer = forwards ? more : cursor !== undefined;
  return {
    rows: page.map((row) => toResult(row, variants)),
    older: hasOlder && last !== undefined ? writeCursor({ direction: 'older', ...place(last) }) : null,
    newer: hasNewer && first !== undefined ? writeCursor({ direction: 'newer', ...place(first) }) : null,
  };
}

/** Sequence numbers are contiguous within a session, so that its first and last tell how many are kept: two look-ups, no scan. */
export async function countResults(deviceId: string): Promise<number> {
  const db = await database();
  const rows = await db.$queryRaw<{ kept: number | bigint | null }[]>(Prisma.sql`
    SELECT SUM(last - first + 1) AS kept FROM (
      SELECT (SELECT MIN(seq) FROM Result WHERE sessionId = s.id) AS first, (SELECT MAX(seq) FROM Result WHERE sessionId = s.id) AS last
      FROM Session s WHERE s.deviceId = ${deviceId})`);
  return Number(rows[0]?.kept ?? 0);
}

function readPage(db: Database, deviceId: string, take: number, cursor: ResultCursor | undefined): Promise<Raw[]> {
  const forwards = cursor?.direction === 'newer';
  const order = forwards ? Prisma.sql`r.at ASC, r.sessionId ASC, r.seq ASC` : Prisma.sql`r.at DESC, r.sessionId DESC, r.seq DESC`;
  const place = cursor && Prisma.sql`(${cursor.at}, ${cursor.sessionId}, ${cursor.seq})`;
  const beyond =
    place === undefined ? Prisma.empty : Prisma.sql`AND (r.at, r.sessionId, r.seq) ${forwards ? Prisma.sql`>` : Prisma.sql`<`} ${place}`;
  return db.$queryRaw<Raw[]>(Prisma.sql`
    SELECT r.sessionId, r.seq, r.frame, CAST(r.at AS TEXT) AS atMs, r.variantId, r.ms, r.label, r.probability, r.top, s.session
    FROM Result r JOIN Session s ON s.id = r.sessionId
    WHERE r.deviceId = ${deviceId} ${beyond} ORDER BY ${order} LIMIT ${take}`);
}

function place(row: Raw): { at: number; sessionId: number; seq: number } {
  return { at: Number(row.atMs), sessionId: Number(row.sessionId), seq: Number(row.seq) };
}

function toResult(row: Raw, variants: Map<string, VariantFacts>): ResultRow {
  const { at, sessionId, seq } = place(row);
  return {
    key: `${sessionId}-${seq}`,
    at,
    session: row.session,
    seq,
    frame: Number(row.frame),
    ms: row.ms,
    label: deviceText(row.label),
    probability: row.probability,
    top: parseTop(row.top),
    variant: variants.get(row.variantId) ?? null,
  };
}
