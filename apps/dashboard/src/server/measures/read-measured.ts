/** @file What the fleet measured of each variant on each class of hardware: true percentiles, of merged sketches. */
import type { Database } from '@alpharho/db';
import { LatencySketch, type Sketch } from '@alpharho/protocol';
import { group } from 'd3-array';
import { SketchSum } from '../../lib/sketch-sum.ts';
import { p95Interval } from '../rollouts/planner/p95-interval.ts';

const dayMs = 86_400_000;
/** Days that a figure rests on unless said otherwise, this one among them. */
export const measuredDays = 30;

/** Of one variant, at one of its resolutions, on one class of hardware. */
export type MeasuredFigures = {
  variantId: string;
  rho: number;
  hardwareClass: string;
  devices: number;
  /** Classified frames. */
  frames: number;
  /** Captured frame to result, milliseconds. */
  p50: number;
  p95: number;
  p99: number;
  /** 95 % interval of the p95. */
  p95Low: number;
  p95High: number;
  /** Frames a second while it served. */
  fps: number;
  /** Share of captured frames that a newer one replaced, 0 to 1. */
  droppedShare: number;
  /** Of the agent's process, bytes: mean and most. */
  memoryBytes: number;
  memoryMostBytes: number;
  /** First and last day, milliseconds. */
  from: number;
  to: number;
};

type Scope = { variantIds?: readonly string[]; now: number; days?: number };

/** Ordered by hardware class, then by p95. What was not measured is not there. */
export async function readMeasured(
  db: Pick<Database, 'variantMeasure'>,
  { variantIds, now, days = measuredDays }: Scope,
): Promise<MeasuredFigures[]> {
  const since = new Date(Math.floor(now / dayMs) * dayMs - (days - 1) * dayMs);
  const where = { day: { gte: since }, ...(variantIds && { variantId: { in: [...variantIds] } }) };
  const rows = await db.variantMeasure.findMany({ where });
  const groups = group(rows, ({ variantId, rho, hardwareClass }) => JSON.stringify([variantId, rho, hardwareClass]));
  const figures = [...groups.values()].map(figuresOf).filter((each) => each !== undefined);
  return figures.sort((a, b) => a.hardwareClass.localeCompare(b.hardwareClass, 'en', { numeric: true }) || a.p95 - b.p95);
}

type Row = Awaited<ReturnType<Database['variantMeasure']['findMany']>>[number];

function figuresOf(rows: Row[]): MeasuredFigures | undefined {
  const devices = [...group(rows, ({ deviceId }) => deviceId).values()].map(sketchOf);
  const p95 = p95Interval(devices);
  if (p95 === undefined) return undefined;
  const sum = new SketchSum();
  for (const device of devices) sum.add(device);
  const sketch = LatencySketch.fromWire(sum.toWire());
  const total = (value: (row: Row) => number) => rows.reduce((all, row) => all + value(row), 0);
  const [frames, dropped] = [total((row) => row.classified), total((row) => row.dropped)];
  const { variantId, rho, hardwareClass } = rows[0]!;
  const days = rows.map(({ day }) => day.getTime());
  return {
    variantId,
    rho,
    hardwareClass,
    devices: devices.length,
    frames,
    p50: sketch.quantile(0.5)!,
    p95: p95.value,
    p99: sketch.quantile(0.99)!,
    p95Low: p95.low,
    p95High: p95.high,
    fps: frames / total((row) => row.seconds),
    droppedShare: dropped / (frames + dropped),
    memoryBytes: total((row) => row.memorySum) / total((row) => row.windows),
    memoryMostBytes: Math.max(...rows.map(({ memoryMost }) => Number(memoryMost))),
    from: Math.min(...days),
    to: Math.max(...days) + dayMs,
  };
}

function sketchOf(rows: Row[]): Sketch {
  const sum = new SketchSum();
  for (const { latency } of rows) sum.add(JSON.parse(latency) as Sketch);
  return sum.toWire();
}
