/** @file Use case: which devices there are, as rollouts see them: class, tags, what each serves and is to serve. */
import type { Database, Prisma } from '@alpharho/db';
import { AlpharhoError, variantLabel } from '@alpharho/protocol';
import { matchesTargets } from '../rollouts/match-target.ts';
import { toTargetFacts } from '../rollouts/store/target-set.ts';
import { parseTargetQuery } from '../rollouts/target-query.ts';
import { toWireVariant } from '../wire-variant.ts';

export type ListedDevice = {
  id: string;
  online: boolean;
  lastSeenAt: number | null;
  hardwareClass: string | null;
  boardModel: string | null;
  agentVersion: string | null;
  /** Key → value; '' for a plain tag. */
  tags: Record<string, string>;
  serving: NamedVariant | null;
  /** What it is to serve, where that is something else. */
  desired: NamedVariant | null;
  /** Step of its update, and what became of the latest one. */
  phase: string;
  held: boolean;
  outcome: string | null;
  error: { code: string; message: string; at: number | null } | null;
  /** Of its latest telemetry window. */
  fps: number | null;
  p95: number | null;
  /** The live rollout that it is in. */
  rollout: { id: string; name: string } | null;
};

export type NamedVariant = { id: string; name: string };

const variant = { omit: { labels: true } } as const;
const include = {
  tags: { select: { key: true, value: true }, orderBy: { key: 'asc' } },
  serving: variant,
  desired: variant,
  rollouts: {
    where: { state: { notIn: ['skipped', 'superseded'] }, rollout: { state: { notIn: ['draft', 'completed', 'aborted', 'rolled_back'] } } },
    select: { rollout: { select: { id: true, name: true } } },
    take: 1,
  },
} as const satisfies Prisma.DeviceInclude;
type Row = Prisma.DeviceGetPayload<{ include: typeof include }>;

/** By name. @param where a target query; all without it. @throws AlpharhoError target_query_invalid */
export async function listDevices(db: Pick<Database, 'device'>, where?: string): Promise<ListedDevice[]> {
  const query = where === undefined ? [] : parseTargetQuery(where);
  const rows = await db.device.findMany({ include, orderBy: { id: 'asc' } });
  return rows.filter((row) => matchesTargets(query, toTargetFacts(row))).map(toFacts);
}

/** @throws AlpharhoError device_unknown */
export async function readDevice(db: Pick<Database, 'device'>, id: string): Promise<ListedDevice> {
  const row = await db.device.findUnique({ where: { id }, include });
  if (row === null) throw new AlpharhoError('device_unknown', `device ${id.slice(0, 80)}: never heard of; check its name`);
  return toFacts(row);
}

function toFacts(row: Row): ListedDevice {
  const { id, hardwareClass, boardModel, agentVersion, phase, held, outcome, fps, p95 } = row;
  return {
    id,
    online: row.presence === 'online',
    lastSeenAt: row.lastSeenAt?.getTime() ?? null,
    hardwareClass,
    boardModel,
    agentVersion,
    tags: Object.fromEntries(row.tags.map(({ key, value }) => [key, value])),
    serving: named(row.serving),
    desired: row.desiredId === row.servingId ? null : named(row.desired),
    phase,
    held,
    outcome,
    error: row.errorCode === null ? null : { code: row.errorCode, message: row.errorMessage ?? '', at: row.errorAt?.getTime() ?? null },
    fps,
    p95,
    rollout: row.rollouts[0]?.rollout ?? null,
  };
}

function named(row: Row['serving']): NamedVariant | null {
  return row && { id: row.id, name: variantLabel(toWireVariant({ ...row, labels: null })) };
}
