/** @file What the planner is told: boards by class, variants that can be given, and what the fleet measured of them. */
import { createHash } from 'node:crypto';
import type { Database } from '@alpharho/db';
import { type Family, type Precision, precisionName, variantName } from '@alpharho/protocol';
import { group } from 'd3-array';
import { readMeasured } from '../../measures/read-measured.ts';
import type { BoardClass, Candidate, Figures } from './input.ts';

export type PlanFacts = {
  classes: BoardClass[];
  candidates: Candidate[];
  figures: Figures[];
  /** Devices that have not said yet what they are: no plan is made for them. */
  unclassed: string[];
};

type Scope = { deviceIds: readonly string[]; now: number };

/** @param scope the devices that are to be planned for */
export async function readPlanFacts(db: Database, { deviceIds, now }: Scope): Promise<PlanFacts> {
  const [devices, variants, measured] = await Promise.all([
    db.device.findMany({
      where: { id: { in: [...deviceIds] } },
      select: { id: true, hardwareClass: true, servingId: true },
      orderBy: { id: 'asc' },
    }),
    db.variant.findMany({ orderBy: { id: 'asc' } }),
    readMeasured(db, { now }),
  ]);
  const labels = new Map(variants.map((row) => [row.id, labelsOf(row.labels)]));
  const rhos = new Map(variants.map(({ id, rho }) => [id, rho]));
  const known = devices.flatMap(({ hardwareClass, servingId }) => (hardwareClass === null ? [] : [{ hardwareClass, servingId }]));
  const classes = [...group(known, ({ hardwareClass }) => hardwareClass)].map(([hardwareClass, members]): BoardClass => {
    const serves = mostCommon(members.map(({ servingId }) => servingId));
    return { hardwareClass, devices: members.length, serves, labels: serves === null ? null : (labels.get(serves) ?? null) };
  });
  return {
    classes: classes.sort((a, b) => a.hardwareClass.localeCompare(b.hardwareClass, 'en', { numeric: true })),
    candidates: variants.filter(({ stored, retiredAt }) => stored && retiredAt === null).map(toCandidate),
    // A variant that serves several resolutions is planned at its own one.
    figures: measured.filter(({ variantId, rho }) => rhos.get(variantId) === rho).map(toFigures),
    unclassed: devices.filter(({ hardwareClass }) => hardwareClass === null).map(({ id }) => id),
  };
}

type VariantRow = Awaited<ReturnType<Database['variant']['findMany']>>[number];

function toCandidate(row: VariantRow): Candidate {
  const { id, top1, accuracySource, bytes } = row;
  const name = variantName({ family: row.family as Family, alpha: row.alpha, rho: row.rho });
  return {
    id,
    name: `${name} ${precisionName(row.precision as Precision)}`,
    labels: labelsOf(row.labels) ?? '',
    top1,
    accuracySource,
    bytes,
  };
}

function toFigures(row: Awaited<ReturnType<typeof readMeasured>>[number]): Figures {
  const { variantId, hardwareClass, p95: value, p95Low: low, p95High: high, frames, devices, fps, memoryMostBytes } = row;
  return { variant: variantId, hardwareClass, p95: { value, low, high, frames, devices }, frameRate: fps, memoryBytes: memoryMostBytes };
}

/** Null of a variant that only a device knows: its labels were never told. */
function labelsOf(json: string | null): string | null {
  return json === null ? null : createHash('sha256').update(json).digest('hex');
}

/** The first by name where several are equally common; null only where all are. */
function mostCommon(ids: readonly (string | null)[]): string | null {
  const counts = new Map<string, number>();
  for (const id of ids) if (id !== null) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [...counts].sort(([a, first], [b, second]) => second - first || (a < b ? -1 : 1))[0]?.[0] ?? null;
}
