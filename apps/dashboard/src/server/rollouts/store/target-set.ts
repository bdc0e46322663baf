/** @file Which devices a spec means now, and whether each can be given its variant. */
import type { Database, Prisma } from '@alpharho/db';
import {
  AlpharhoError,
  isResting,
  phaseSizes,
  type RolloutSpec,
  reportedSchema,
  type UpdatePhase,
  variantFor,
  variantLabel,
  variantName,
} from '@alpharho/protocol';
import { offered } from '../../services/offered-variant.ts';
import { toWireVariant } from '../../wire-variant.ts';
import { type Admission, type AdmissionDevice, type AdmissionVariant, admit } from '../admission.ts';
import { matchesTargets, type TargetFacts } from '../match-target.ts';
import { nextRevision } from '../next-revision.ts';
import { type PlannedDevice, planPhases } from '../plan.ts';
import { parseTargetQuery } from '../target-query.ts';
import { deviceNowSelect } from './load.ts';

type Reader = Pick<Database, 'device' | 'variant' | 'rolloutDevice'>;

const select = {
  ...deviceNowSelect,
  id: true,
  hardwareClass: true,
  memoryBytes: true,
  quarantined: true,
  tags: { select: { key: true, value: true } },
  serving: { omit: { labels: true } },
} as const satisfies Prisma.DeviceSelect;
export type TargetRow = Prisma.DeviceGetPayload<{ select: typeof select }>;

export type Target = { readonly row: TargetRow; readonly admission: Admission };

/** States of a rollout in which its devices are its own. */
export const liveStates = ['scheduled', 'running', 'soaking', 'evaluating', 'awaiting_approval', 'paused', 'rolling_back'];

/**
 * @param except the rollout that asks: its own devices are not elsewhere
 * @returns in the order of their names
 * @throws AlpharhoError target_query_invalid | device_unknown | variant_unknown | model_missing | variant_retired | variant_unsigned
 */
export async function readTargets(db: Reader, spec: RolloutSpec, except?: string): Promise<Target[]> {
  const variants = await readVariants(db, spec);
  const rows = await matching(db, spec);
  const elsewhere = await liveRollouts(db, rows, except);
  const terms = {
    otherLabels: spec.otherLabels,
    variantFor: (hardwareClass: string | null) => variants.get(variantFor(spec, hardwareClass) ?? ''),
  };
  const labels = await labelsOf(db, rows);
  return rows.map((row) => {
    const serving = row.serving && { id: row.serving.id, labels: labels.get(row.serving.id) ?? null };
    return { row, admission: admit({ ...toFacts(row), serving, elsewhere: elsewhere.get(row.id) ?? null }, terms) };
  });
}

/** Turns and phases of those that are to be told. */
export function planTargets(targets: readonly Target[], spec: RolloutSpec): PlannedDevice[] {
  const ready = targets.filter(({ admission }) => admission.kind === 'ready');
  const members = ready.map(({ row }) => ({ id: row.id, hardwareClass: row.hardwareClass, online: row.presence === 'online' }));
  return planPhases(members, phaseSizes(spec.phases, members.length));
}

async function readVariants(db: Reader, spec: RolloutSpec): Promise<Map<string, AdmissionVariant>> {
  const ids = [...new Set([...(spec.variant === undefined ? [] : [spec.variant]), ...Object.values(spec.variants ?? {})])];
  const rows = await db.variant.findMany({ where: { id: { in: ids } } });
  const known = new Map(rows.map((row) => [row.id, row]));
  return new Map(ids.map((id) => [id, offered(known.get(id), id)]));
}

async function matching(db: Reader, { targets }: RolloutSpec): Promise<TargetRow[]> {
  const orderBy = { id: 'asc' as const };
  if (targets.ids !== undefined) {
    const rows = await db.device.findMany({ where: { id: { in: targets.ids } }, select, orderBy });
    const missing = targets.ids.find((id) => !rows.some((row) => row.id === id));
    if (missing !== undefined) throw new AlpharhoError('device_unknown', `targets: device ${missing}: never heard of; check its name`);
    return rows;
  }
  const query = parseTargetQuery(targets.where ?? '');
  const rows = await db.device.findMany({ select, orderBy });
  return rows.filter((row) => matchesTargets(query, toTargetFacts(row)));
}

type TargetFactsRow = Pick<TargetRow, 'id' | 'hardwareClass' | 'tags' | 'serving'>;

/** A row as queries are asked of it. */
export function toTargetFacts({ id, hardwareClass, tags, serving }: TargetFactsRow): TargetFacts {
  const wire = serving === null ? null : toWireVariant({ ...serving, labels: null });
  return {
    id,
    hardwareClass,
    tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])),
    serving: wire && { id: wire.sha256, names: [variantName(wire), variantLabel(wire)] },
  };
}

async function liveRollouts(db: Reader, rows: readonly TargetRow[], except: string | undefined): Promise<Map<string, string>> {
  const its = ['waiting', 'told', 'moving', 'committed', 'returning'];
  const found = await db.rolloutDevice.findMany({
    where: {
      deviceId: { in: rows.map(({ id }) => id) },
      state: { in: its },
      rollout: { state: { in: liveStates }, ...(except !== undefined && { id: { not: except } }) },
    },
    select: { deviceId: true, rollout: { select: { name: true } } },
  });
  return new Map(found.map(({ deviceId, rollout }) => [deviceId, rollout.name]));
}

/** Of each variant once: a thousand labels are 20 kB. */
async function labelsOf(db: Reader, rows: readonly TargetRow[]): Promise<Map<string, string | null>> {
  const ids = [...new Set(rows.flatMap(({ servingId }) => servingId ?? []))];
  const variants = await db.variant.findMany({ where: { id: { in: ids } }, select: { id: true, labels: true } });
  return new Map(variants.map((variant) => [variant.id, variant.labels]));
}

function toFacts(row: TargetRow): Omit<AdmissionDevice, 'serving' | 'elsewhere'> {
  const { id, hardwareClass, memoryBytes, desiredId } = row;
  return {
    id,
    hardwareClass,
    memoryBytes: memoryBytes === null ? null : Number(memoryBytes),
    busy: !isResting(row.phase as UpdatePhase),
    desiredId,
    exhausted: nextRevision(row) === undefined,
    quarantined: row.quarantined === null ? [] : (reportedSchema.shape.quarantined.parse(JSON.parse(row.quarantined)) ?? []),
  };
}
