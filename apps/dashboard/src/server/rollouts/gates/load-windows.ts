/**
 * @file Reads the gates' telemetry: windows of ten seconds added up to minutes, which are remembered between two looks.
 *
 * Rows are only ever added, so that the number of them in a chunk of a device's time tells whether it is still the one that was added up;
 * windows that come late from an outbox open it again. Counting and reading both go by the index (deviceId, start).
 *
 * The driver answers without giving the event loop a turn, which the hub's broker and HTTP live on; so this takes small bites, and breathes.
 */
import { setImmediate as breath } from 'node:timers/promises';
import { type Database, Prisma } from '@alpharho/db';
import type { Sketch } from '@alpharho/protocol';
import { SketchSum } from '../../../lib/sketch-sum.ts';
import { mergeAnswers } from './blocks.ts';
import type { Answers, GateWindow } from './input.ts';

const minute = 60_000;
const chunkMs = 10 * minute;
/** Read between two breaths: some hundreds of rows. */
const chunksAtOnce = 10;
/** Counted between two breaths: some ten thousands of rows. */
const devicesAtOnce = 20;
const longestCountMs = 6 * 60 * minute;

/** Milliseconds, [from, to). */
export type Span = { from: number; to: number };
export type Wanted = { devices: readonly string[]; spans: readonly Span[] };
type Chunk = { rows: number; windows: GateWindow[] };
type Row = {
  deviceId: string;
  variantId: string;
  rho: number | bigint | null;
  rate: number | null;
  throttled: string | null;
  /** Milliseconds as text: a bare DATETIME column would come back as a formatted date. */
  startMs: string;
  endMs: string;
  captured: number | bigint;
  classified: number | bigint;
  dropped: number | bigint;
  failed: number | bigint | null;
  total: string | null;
  answers: string | null;
};

/** One for each rollout that is looked at: it remembers the devices that it was asked for last. */
export class GateWindows {
  private readonly devices = new Map<string, Map<number, Chunk>>();

  /** @returns minutes of these devices that began within the spans, widened to whole tens of minutes; oldest first within each device. */
  async read(db: Database, { devices, spans }: Wanted): Promise<GateWindow[]> {
    const whole = wholeChunks(spans);
    this.forgetOthers(devices, whole);
    const counts: Count[] = [];
    for (const span of whole.flatMap(toBites)) {
      for (const some of inSlices(devices, devicesAtOnce)) counts.push(...(await countRows(db, some, span)));
    }
    const stale = counts.filter(({ device, start, rows }) => this.devices.get(device)?.get(start)?.rows !== rows);
    for (const some of inSlices(stale, chunksAtOnce)) await this.refill(db, some);
    return devices.flatMap((device) => {
      const chunks = [...(this.devices.get(device) ?? [])].sort(([a], [b]) => a - b);
      return chunks.flatMap(([, { windows }]) => windows);
    });
  }

  private forgetOthers(devices: readonly string[], spans: readonly Span[]): void {
    const wanted = new Set(devices);
    for (const [device, chunks] of this.devices) {
      if (!wanted.has(device)) this.devices.delete(device);
      for (const start of chunks.keys()) if (!spans.some(({ from, to }) => from <= start && start < to)) chunks.delete(start);
    }
  }

  private async refill(db: Database, counts: readonly Count[]): Promise<void> {
    const rows = await readRows(db, counts);
    for (const { device, start, rows: count } of counts) {
      const members = rows.get(`${device} ${start}`) ?? [];
      const chunks = this.devices.get(device) ?? new Map<number, Chunk>();
      this.devices.set(device, chunks);
      chunks.set(start, { rows: count, windows: toMinutes(members) });
    }
  }
}

function inSlices<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}

/** A span of whole chunks stays one of whole chunks. */
function toBites({ from, to }: Span): Span[] {
  const bites = Math.ceil((to - from) / longestCountMs);
  return Array.from({ length: bites }, (_, index) => {
    const begin = from + index * longestCountMs;
    return { from: begin, to: Math.min(to, begin + longestCountMs) };
  });
}

/** Rounded to chunks, and those that touch become one. */
function wholeChunks(spans: readonly Span[]): Span[] {
  const whole: Span[] = [];
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    const next = { from: Math.floor(from / chunkMs) * chunkMs, to: Math.ceil(to / chunkMs) * chunkMs };
    const last = whole.at(-1);
    if (last !== undefined && next.from <= last.to) last.to = Math.max(last.to, next.to);
    else whole.push(next);
  }
  return whole;
}

type Count = { device: string; start: number; rows: number };

async function countRows(db: Database, devices: readonly string[], { from, to }: Span): Promise<Count[]> {
  await breath();
  const rows = await db.$queryRaw<{ device: string; chunk: number | bigint; rows: number | bigint }[]>(Prisma.sql`
    SELECT d.value AS device, CAST(w.start / ${chunkMs} AS INTEGER) AS chunk, COUNT(*) AS rows
    FROM json_each(${JSON.stringify(devices)}) d CROSS JOIN TelemetryWindow w ON w.deviceId = d.value
    WHERE w.start >= ${from} AND w.start < ${to} GROUP BY 1, 2`);
  return rows.map((row) => ({ device: row.device, start: Number(row.chunk) * chunkMs, rows: Number(row.rows) }));
}

/** @returns device and chunk → rows, oldest first. */
async function readRows(db: Database, counts: readonly Count[]): Promise<Map<string, Row[]>> {
  await breath();
  const places = JSON.stringify(counts.map(({ device, start }) => [device, start, start + chunkMs]));
  const rows = await db.$queryRaw<Row[]>(Prisma.sql`
    SELECT w.deviceId, w.variantId, w.rho, w.rate, w.throttled, CAST(w.start AS TEXT) AS startMs, CAST(w."end" AS TEXT) AS endMs,
      w.captured, w.classified, w.dropped, w.failed, json_extract(w.latency, '$.total') AS total, w.answers
    FROM json_each(${places}) p CROSS JOIN TelemetryWindow w ON w.deviceId = json_extract(p.value, '$[0]')
      AND w.start >= json_extract(p.value, '$[1]') AND w.start < json_extract(p.value, '$[2]')
    ORDER BY w.deviceId, w.start`);
  const result = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `${row.deviceId} ${Math.floor(Number(row.startMs) / chunkMs) * chunkMs}`;
    const list = result.get(key);
    if (list === undefined) result.set(key, [row]);
    else list.push(row);
  }
  return result;
}

/** Rows of one minute that say the same of variant, setting and throttling become one. */
function toMinutes(rows: readonly Row[]): GateWindow[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = [Math.floor(Number(row.startMs) / minute), row.variantId, row.rho, row.rate, isThrottled(row)].join(' ');
    const list = groups.get(key);
    if (list === undefined) groups.set(key, [row]);
    else list.push(row);
  }
  return [...groups.values()].map(toMinute).sort((a, b) => a.start - b.start);
}

function toMinute(rows: Row[]): GateWindow {
  const first = rows[0] as Row;
  const latency = new SketchSum();
  for (const { total } of rows) if (total !== null) latency.add(JSON.parse(total) as Sketch);
  const sum = (of: (row: Row) => number | bigint) => rows.reduce((total, row) => total + Number(of(row)), 0);
  const start = Number(first.startMs);
  return {
    device: first.deviceId,
    variant: first.variantId,
    rho: first.rho === null ? null : Number(first.rho),
    rate: first.rate,
    throttled: isThrottled(first),
    start,
    // As much time as the windows cover: others may lie between them.
    end: start + sum(({ startMs, endMs }) => Number(endMs) - Number(startMs)),
    captured: sum(({ captured }) => captured),
    classified: sum(({ classified }) => classified),
    dropped: sum(({ dropped }) => dropped),
    failed: rows.some(({ failed }) => failed === null) ? null : sum(({ failed }) => failed ?? 0),
    latency: latency.toWire(),
    answers: mergeAnswers(rows.map(({ answers }) => (answers === null ? null : (JSON.parse(answers) as Answers)))),
  };
}

function isThrottled({ throttled }: Row): boolean {
  return throttled !== null && throttled !== '[]';
}
