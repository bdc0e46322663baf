/**
 * @file Telemetry windows merged into buckets of time, remembered between refreshes.
 *
 * Percentiles of a longer time are those of the merged sketches, never an average of percentiles. Rows are only ever added,
 * so that the number of windows in a bucket tells whether it is still the one that was merged; late ones from an outbox open it again.
 */
import type { Database } from '@alpharho/db';
import type { Sketch, Stage } from '@alpharho/protocol';
import { group } from 'd3-array';
import { SketchSum } from '@/lib/sketch-sum.ts';
import { Prisma } from './database-module.ts';

/** One variant on one device within one bucket. */
export type WindowCell = {
  deviceId: string;
  variantId: string;
  /** First window's start and last window's end, milliseconds. */
  start: number;
  end: number;
  captured: number;
  classified: number;
  dropped: number;
  /** The board slowed its processor down in one of the windows. */
  throttled: boolean;
  total: Sketch;
  /** Sum and number of readings of each stage, milliseconds. */
  stages: Partial<Record<Stage, { sum: number; count: number }>>;
};

type Bucket = { windows: number; cells: WindowCell[] };
type Scope = { deviceId: string | null; bucketMs: number; from: number };
type Row = {
  deviceId: string;
  variantId: string;
  /** Milliseconds as text: a bare DATETIME column would come back as a formatted date. */
  startMs: string;
  endMs: string;
  captured: number;
  classified: number;
  dropped: number;
  throttled: string | null;
  latency: string;
};

const stageNames = ['capture', 'preprocess', 'inference', 'postprocess'] as const satisfies readonly Stage[];

/** Ranges kept at a time: every range of a dozen devices. */
const mostScopes = 64;
/** Rows merged between two breaths of the event loop. */
const chunkRows = 500;

export class WindowCache {
  private readonly scopes = new Map<string, Map<number, Bucket>>();

  /** @returns cells of all windows that began at or after `from`, oldest first. `deviceId` null: of all devices. */
  async read(db: Database, scope: Scope): Promise<WindowCell[]> {
    const { bucketMs } = scope;
    const from = Math.floor(scope.from / bucketMs) * bucketMs;
    const buckets = this.open(`${scope.deviceId ?? ''} ${bucketMs}`);
    for (const start of buckets.keys()) if (start < from) buckets.delete(start);
    const counts = await countWindows(db, { ...scope, from });
    for (const start of buckets.keys()) if (!counts.has(start)) buckets.delete(start);
    const stale = [...counts].filter(([start, count]) => buckets.get(start)?.windows !== count).map(([start]) => start);
    if (stale.length > 0) await refill(db, scope, stale, buckets);
    return [...buckets.entries()].sort(([a], [b]) => a - b).flatMap(([, bucket]) => bucket.cells);
  }

  /** The least recently used scope makes room. */
  private open(key: string): Map<number, Bucket> {
    const buckets = this.scopes.get(key) ?? new Map<number, Bucket>();
    this.scopes.delete(key);
    this.scopes.set(key, buckets);
    const oldest = this.scopes.keys().next();
    if (this.scopes.size > mostScopes && oldest.done !== true) this.scopes.delete(oldest.value);
    return buckets;
  }
}

/** From the devices on, so that the index (deviceId, start) serves one device and all of them alike. */
function windowsSince({ deviceId, from }: Scope, to = Number.MAX_SAFE_INTEGER) {
  const device = deviceId === null ? Prisma.empty : Prisma.sql`AND w.deviceId = ${deviceId}`;
  return Prisma.sql`FROM Device d CROSS JOIN TelemetryWindow w ON w.deviceId = d.id WHERE w.start >= ${from} AND w.start < ${to} ${device}`;
}

async function countWindows(db: Database, scope: Scope): Promise<Map<number, number>> {
  const { bucketMs } = scope;
  const rows = await db.$queryRaw<{ bucket: number | bigint; windows: number | bigint }[]>(
    Prisma.sql`SELECT CAST(w.start / ${bucketMs} AS INTEGER) AS bucket, COUNT(*) AS windows ${windowsSince(scope)} GROUP BY 1`,
  );
  return new Map(rows.map((row) => [Number(row.bucket) * bucketMs, Number(row.windows)]));
}

async function refill(db: Database, scope: Scope, stale: number[], buckets: Map<number, Bucket>): Promise<void> {
  const { bucketMs } = scope;
  for (const [first, last] of runs(stale, bucketMs)) {
    const rows = await db.$queryRaw<Row[]>(Prisma.sql`
      SELECT w.deviceId, w.variantId, CAST(w.start AS TEXT) AS startMs, CAST(w."end" AS TEXT) AS endMs, w.captured, w.classified, w.dropped, w.throttled, w.latency
      ${windowsSince({ ...scope, from: first }, last + bucketMs)} ORDER BY w.deviceId, w.start`);
    const byBucket = group(rows, (row) => Math.floor(Number(row.startMs) / bucketMs) * bucketMs);
    let sinceBreath = 0;
    for (const [start, members] of byBucket) {
      buckets.set(start, { windows: members.length, cells: mergeCells(members) });
      sinceBreath += members.length;
      if (sinceBreath < chunkRows) continue;
      sinceBreath = 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** Neighbouring buckets are read by one statement. */
function runs(starts: number[], bucketMs: number): [number, number][] {
  const result: [number, number][] = [];
  for (const start of starts.toSorted((a, b) => a - b)) {
    const last = result.at(-1);
    if (last !== undefined && start === last[1] + bucketMs) last[1] = start;
    else result.push([start, start]);
  }
  return result;
}

function mergeCells(rows: Row[]): WindowCell[] {
  const groups = group(rows, ({ deviceId, variantId }) => `${deviceId} ${variantId}`);
  return [...groups.values()].map(mergeCell).sort((a, b) => a.start - b.start);
}

function mergeCell(rows: Row[]): WindowCell {
  const total = new SketchSum();
  const stages: WindowCell['stages'] = {};
  const frames = { captured: 0, classified: 0, dropped: 0 };
  for (const row of rows) {
    const latency = JSON.parse(row.latency) as Partial<Record<Stage | 'total', Sketch>>;
    if (latency.total !== undefined) total.add(latency.total);
    for (const stage of stageNames) {
      const sketch = latency[stage];
      if (sketch === undefined) continue;
      const entry = stages[stage] ?? { sum: 0, count: 0 };
      stages[stage] = { sum: entry.sum + sketch.sum, count: entry.count + sketch.bins.reduce((sum, weight) => sum + weight, 0) };
    }
    frames.captured += row.captured;
    frames.classified += row.classified;
    frames.dropped += row.dropped;
  }
  const { deviceId, variantId } = rows[0]!;
  const start = Math.min(...rows.map((row) => Number(row.startMs)));
  const end = Math.max(...rows.map((row) => Number(row.endMs)));
  const throttled = rows.some((row) => row.throttled !== null && row.throttled !== '[]');
  return { deviceId, variantId, start, end, ...frames, throttled, total: total.toWire(), stages };
}
