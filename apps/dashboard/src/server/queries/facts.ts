/** @file Rows of the database → the plain facts that view-models work on. */
import type { Database } from '@alpharho/db';
import { z } from 'zod';
import type { DeviceFacts, HubFacts, TopEntry } from '@/lib/device-facts.ts';
import { thresholds } from '@/lib/thresholds.ts';
import { toVariantFacts, type VariantFacts } from '@/lib/variant-facts.ts';

/** Labels of 1001 classes are 20 kB a row: pages never need them. */
const omitLabels = { labels: true } as const;

export const deviceInclude = { serving: { omit: omitLabels }, desired: { omit: omitLabels } } as const;

type DeviceRow = NonNullable<Awaited<ReturnType<typeof readDevice>>>;

export function readDevice(db: Database, id: string) {
  return db.device.findUnique({ where: { id }, include: deviceInclude });
}

export function readDevices(db: Database) {
  return db.device.findMany({ include: deviceInclude, orderBy: { id: 'asc' } });
}

export async function readVariants(db: Database): Promise<VariantFacts[]> {
  return (await db.variant.findMany({ omit: omitLabels })).map(toVariantFacts);
}

export async function readHub(db: Database, now: number): Promise<HubFacts> {
  const row = await db.process.findUnique({ where: { name: 'hub' } });
  const heartbeatAt = row?.heartbeatAt.getTime() ?? null;
  return { heartbeatAt, running: heartbeatAt !== null && now - heartbeatAt < thresholds.hubStaleMs };
}

export function toDeviceFacts(row: DeviceRow): DeviceFacts {
  const { serving, desired, session: _, lastTop, memoryBytes, lastLabel: _label, lastProbability: _probability, ...rest } = row;
  return {
    ...rest,
    createdAt: row.createdAt.getTime(),
    presenceAt: time(row.presenceAt),
    lastSeenAt: time(row.lastSeenAt),
    servingSince: time(row.servingSince),
    phaseSince: time(row.phaseSince),
    errorAt: time(row.errorAt),
    desiredAt: time(row.desiredAt),
    telemetryAt: time(row.telemetryAt),
    lastResultAt: time(row.lastResultAt),
    memoryBytes: memoryBytes === null ? null : Number(memoryBytes),
    serving: serving === null ? null : toVariantFacts(serving),
    desired: desired === null ? null : toVariantFacts(desired),
    lastTop: parseTop(lastTop),
  };
}

const topSchema = z.array(z.object({ class: z.number(), label: z.string(), probability: z.number() }));

/** The column's JSON; what does not read as a list of answers counts as none. */
export function parseTop(json: string | null): TopEntry[] {
  if (json === null) return [];
  try {
    return topSchema.parse(JSON.parse(json));
  } catch {
    return [];
  }
}

function time(value: Date | null): number | null {
  return value === null ? null : value.getTime();
}
