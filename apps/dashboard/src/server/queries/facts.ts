/** @file Rows of the database → the plain facts that view-models work on. */
import type { Database } from '@alpharho/db';
import { z } from 'zod';
import type { DeviceFacts, HubFacts, TopEntry } from '@/lib/device-facts.ts';
import { deviceText, deviceTextOrNull } from '@/lib/device-text.ts';
import { thresholds } from '@/lib/thresholds.ts';
import { toVariantFacts, type VariantFacts } from '@/lib/variant-facts.ts';
import { listedVariants } from '../services/list-variants.ts';

/** Labels of 1001 classes are 20 kB a row: lists never need them, nor the signed text. */
const omitLabels = { labels: true, manifest: true } as const;

export const deviceInclude = { serving: { omit: omitLabels }, desired: { omit: omitLabels } } as const;

type DeviceRow = NonNullable<Awaited<ReturnType<typeof readDevice>>>;

export function readDevice(db: Database, id: string) {
  return db.device.findUnique({ where: { id }, include: deviceInclude });
}

export function readDevices(db: Database) {
  return db.device.findMany({ include: deviceInclude, orderBy: { id: 'asc' } });
}

export async function readVariants(db: Database): Promise<VariantFacts[]> {
  return (await db.variant.findMany({ where: listedVariants, omit: omitLabels })).map(toVariantFacts);
}

export async function readHub(db: Database, now: number): Promise<HubFacts> {
  const row = await db.process.findUnique({ where: { name: 'hub' } });
  const heartbeatAt = row?.heartbeatAt.getTime() ?? null;
  return { heartbeatAt, running: heartbeatAt !== null && now - heartbeatAt < thresholds.hubStaleMs };
}

export function toDeviceFacts(row: DeviceRow): DeviceFacts {
  const {
    serving,
    desired,
    session: _,
    lastTop,
    memoryBytes,
    lastLabel: _label,
    lastProbability: _probability,
    governorSince,
    ...rest
  } = row;
  const governor = parse(governorSchema, row.governor);
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
    camera: deviceTextOrNull(row.camera),
    boardModel: deviceTextOrNull(row.boardModel),
    errorMessage: deviceTextOrNull(row.errorMessage),
    cameraMessage: deviceTextOrNull(row.cameraMessage),
    serving: serving === null ? null : toVariantFacts(serving),
    desired: desired === null ? null : toVariantFacts(desired),
    lastTop: parseTop(lastTop),
    throttled: parse(throttledSchema, row.throttled),
    throttledSince: time(row.throttledSince),
    cameraAt: time(row.cameraAt),
    inference: parse(inferenceSchema, row.inference),
    governor: governor && { ...governor, since: time(governorSince) },
    quarantined: parse(quarantineSchema, row.quarantined) ?? [],
  };
}

const textSchema = z.string().transform(deviceText);
const topSchema = z.array(z.object({ class: z.number(), label: textSchema, probability: z.number() }));

/** The column's JSON; what does not read as a list of answers counts as none. */
export function parseTop(json: string | null): TopEntry[] {
  return parse(topSchema, json) ?? [];
}

const throttledSchema = z.array(z.string());
const inferenceSchema = z.object({
  provider: textSchema,
  threads: z.number(),
  precision: z.string(),
  tuned: z.boolean(),
  reason: textSchema.optional(),
});
const quarantineSchema = z.array(z.object({ sha256: z.string(), code: z.string(), at: z.number() }));
const governorSchema = z.object({
  rho: z.number(),
  rate: z.number().optional(),
  step: z.number(),
  of: z.number(),
  reason: textSchema.optional(),
});

/** The column's JSON; what does not read as expected counts as not said. */
export function parse<T>(schema: z.ZodType<T>, json: string | null): T | null {
  if (json === null) return null;
  try {
    return schema.parse(JSON.parse(json));
  } catch {
    return null;
  }
}

function time(value: Date | null): number | null {
  return value === null ? null : value.getTime();
}
