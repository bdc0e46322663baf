/** @file Folds telemetry windows, as they come, into what each variant measured on each device, day by day. */
import type { Database } from '@alpharho/db';
import type { Sketch } from '@alpharho/protocol';
import { group } from 'd3-array';
import { SketchSum } from '../lib/sketch-sum.ts';

/** From the end of one round to the next, milliseconds: a telemetry window. */
export const foldMs = 10_000;
/** Windows in one transaction: some milliseconds of the write lock. */
const chunk = 500;
const dayMs = 86_400_000;
const cursorName = 'variant-measures';

type Window = {
  position: number | bigint;
  variantId: string;
  rho: number | bigint;
  hardwareClass: string;
  deviceId: string;
  startMs: string;
  endMs: string;
  classified: number | bigint;
  dropped: number | bigint;
  memoryBytes: number | bigint;
  latency: string;
};

type Transaction = Pick<Database, 'cursor' | 'variantMeasure' | '$queryRaw'>;

/**
 * Folds every window that came since the last time, each once: how far it has come is part of the same transaction.
 * @returns how many windows were folded
 */
export async function foldMeasures(db: Database, signal: AbortSignal): Promise<number> {
  let windows = 0;
  for (let folded = chunk; folded === chunk && !signal.aborted; windows += folded) {
    folded = await db.$transaction((tx) => foldChunk(tx));
  }
  return windows;
}

async function foldChunk(tx: Transaction): Promise<number> {
  const from = await position(tx);
  const rows = await readWindows(tx, from);
  if (rows.length === 0) return 0;
  const known = rows.filter(({ classified, variantId }) => Number(classified) > 0 && variantId !== null);
  for (const members of group(known, keyOf).values()) await fold(tx, members);
  const value = BigInt(rows.at(-1)!.position);
  await tx.cursor.upsert({ where: { name: cursorName }, create: { name: cursorName, value }, update: { value } });
  return rows.length;
}

/** Positions are SQLite's own; where the table was written anew by a person's VACUUM, they begin below what was read. */
async function position(tx: Transaction): Promise<bigint> {
  const [{ last } = { last: 0 }] = await tx.$queryRaw<{ last: number | bigint | null }[]>`SELECT MAX(rowid) AS last FROM TelemetryWindow`;
  const cursor = (await tx.cursor.findUnique({ where: { name: cursorName } }))?.value ?? 0n;
  const end = BigInt(last ?? 0);
  return cursor < end ? cursor : end;
}

/** Those of variants that the registry never heard of come too, with none: they are passed over. */
function readWindows(tx: Transaction, from: bigint): Promise<Window[]> {
  return tx.$queryRaw<Window[]>`
    SELECT w.rowid AS position, v.id AS variantId, COALESCE(w.rho, v.rho) AS rho, COALESCE(d.hardwareClass, d.boardModel, 'unknown') AS hardwareClass,
      w.deviceId, CAST(w.start AS TEXT) AS startMs, CAST(w."end" AS TEXT) AS endMs, w.classified, w.dropped, w.memoryBytes, w.latency
    FROM TelemetryWindow w JOIN Device d ON d.id = w.deviceId LEFT JOIN Variant v ON v.id = w.variantId
    WHERE w.rowid > ${from} ORDER BY w.rowid LIMIT ${chunk}`;
}

function dayOf({ startMs }: Window): number {
  return Math.floor(Number(startMs) / dayMs) * dayMs;
}

function keyOf(row: Window): string {
  return JSON.stringify([row.variantId, Number(row.rho), row.hardwareClass, row.deviceId, dayOf(row)]);
}

async function fold(tx: Transaction, rows: Window[]): Promise<void> {
  const first = rows[0]!;
  const { variantId, hardwareClass, deviceId } = first;
  const key = { variantId, rho: Number(first.rho), hardwareClass, deviceId, day: new Date(dayOf(first)) };
  const where = { variantId_rho_hardwareClass_deviceId_day: key };
  const before = await tx.variantMeasure.findUnique({ where });
  const latency = new SketchSum();
  if (before !== null) latency.add(JSON.parse(before.latency) as Sketch);
  for (const row of rows) {
    const { total } = JSON.parse(row.latency) as { total?: Sketch };
    if (total !== undefined) latency.add(total);
  }
  const total = (value: (row: Window) => number) => rows.reduce((all, row) => all + value(row), 0);
  const memory = rows.map(({ memoryBytes }) => BigInt(memoryBytes));
  const data = {
    windows: (before?.windows ?? 0) + rows.length,
    classified: (before?.classified ?? 0) + total((row) => Number(row.classified)),
    dropped: (before?.dropped ?? 0) + total((row) => Number(row.dropped)),
    seconds: (before?.seconds ?? 0) + total((row) => (Number(row.endMs) - Number(row.startMs)) / 1000),
    memorySum: (before?.memorySum ?? 0) + total((row) => Number(row.memoryBytes)),
    memoryMost: [...memory, before?.memoryMost ?? 0n].reduce((most, each) => (each > most ? each : most)),
    latency: JSON.stringify(latency.toWire()),
  };
  await tx.variantMeasure.upsert({ where, create: { ...key, ...data }, update: data });
}
