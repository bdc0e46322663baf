/** @file What a device's page reads. */
import 'server-only';
import type { Database } from '@alpharho/db';
import { z } from 'zod';
import type { DeviceFacts, HubFacts } from '@/lib/device-facts.ts';
import { type RangeKey, ranges } from '@/lib/ranges.ts';
import { toVariantFacts, type VariantFacts } from '@/lib/variant-facts.ts';
import { parse, readDevice, readHub, toDeviceFacts } from './facts.ts';
import { database, windowCache } from './process-state.ts';
import type { WindowCell } from './window-cache.ts';

/** The newest telemetry window's view of the machine; null where it did not say. */
export type SystemFacts = {
  memoryBytes: number;
  memoryTotalBytes: number | null;
  memoryAvailableBytes: number | null;
  diskFreeBytes: number | null;
  diskTotalBytes: number | null;
  cpuFraction: number | null;
  outboxBytes: number | null;
  /** Frames of the window, and how many results of them left by the publish policy; null where all do. */
  classified: number;
  published: number | null;
  /** Stream → entries that the outbox gave up since the session began. */
  outboxDropped: Partial<Record<string, number>>;
};

export type DevicePageFacts = {
  now: number;
  hub: HubFacts;
  device: DeviceFacts;
  system: SystemFacts | null;
  /** Cells of the chosen range, oldest first. */
  windows: WindowCell[];
  /** Every variant named by the windows or by the latest result. */
  variants: Map<string, VariantFacts>;
};

/** @returns null where no such device was ever heard of. */
export async function loadDevice(id: string, range: RangeKey): Promise<DevicePageFacts | null> {
  const db = await database();
  const now = Date.now();
  const row = await readDevice(db, id);
  if (row === null) return null;
  const device = toDeviceFacts(row);
  const { ms, bucketMs } = ranges[range];
  const [hub, system, windows] = await Promise.all([
    readHub(db, now),
    readSystem(db, id),
    windowCache().read(db, { deviceId: id, bucketMs, from: now - ms }),
  ]);
  const variants = await readVariantsById(db, [...windows.map(({ variantId }) => variantId), device.lastVariantId]);
  return { now, hub, device, system, windows, variants };
}

/** Its name and state alone, for the pages below the device's. */
export async function loadDeviceHead(id: string): Promise<{ now: number; hub: HubFacts; device: DeviceFacts } | null> {
  const db = await database();
  const now = Date.now();
  const [row, hub] = await Promise.all([readDevice(db, id), readHub(db, now)]);
  return row === null ? null : { now, hub, device: toDeviceFacts(row) };
}

export async function readVariantsById(db: Database, ids: (string | null)[]): Promise<Map<string, VariantFacts>> {
  const wanted = [...new Set(ids.filter((id) => id !== null))];
  const rows = await db.variant.findMany({ where: { id: { in: wanted } }, omit: { labels: true, manifest: true } });
  return new Map(rows.map((row) => [row.id, toVariantFacts(row)]));
}

async function readSystem(db: Database, deviceId: string): Promise<SystemFacts | null> {
  const row = await db.telemetryWindow.findFirst({
    where: { deviceId },
    orderBy: { start: 'desc' },
    select: {
      memoryBytes: true,
      memoryTotalBytes: true,
      memoryAvailableBytes: true,
      diskFreeBytes: true,
      diskTotalBytes: true,
      cpuFraction: true,
      outboxBytes: true,
      outboxDropped: true,
      classified: true,
      published: true,
    },
  });
  if (row === null) return null;
  return {
    memoryBytes: Number(row.memoryBytes),
    memoryTotalBytes: toNumber(row.memoryTotalBytes),
    memoryAvailableBytes: toNumber(row.memoryAvailableBytes),
    diskFreeBytes: toNumber(row.diskFreeBytes),
    diskTotalBytes: toNumber(row.diskTotalBytes),
    cpuFraction: row.cpuFraction,
    classified: row.classified,
    published: row.published,
    outboxBytes: toNumber(row.outboxBytes),
    outboxDropped: parse(droppedSchema, row.outboxDropped) ?? {},
  };
}

const droppedSchema = z.record(z.string(), z.number());

function toNumber(value: bigint | null): number | null {
  return value === null ? null : Number(value);
}
