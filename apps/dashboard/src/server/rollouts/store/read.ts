/** @file What pages, REST and the command line show of rollouts. Plain facts, times in milliseconds. */
import type { Database, Prisma, RolloutVerdict } from '@alpharho/db';
import {
  type PauseReason,
  type RolloutDeviceState,
  type RolloutSpec,
  type RolloutState,
  rolloutDeviceStates,
  type UpdateCode,
} from '@alpharho/protocol';
import { nextChange } from '../windows.ts';
import { readSpec } from './load.ts';

export type DeviceCounts = Record<RolloutDeviceState, number>;

export type RolloutLine = {
  id: string;
  name: string;
  key: string | null;
  state: RolloutState;
  reason: PauseReason | null;
  stateAt: number;
  createdAt: number;
  startedAt: number | null;
  endedAt: number | null;
  /** From 0, of how many. */
  phase: number;
  phases: number;
  version: number;
  /** What it gives. */
  variantIds: string[];
  /** What its devices had, the most frequent first; empty until they are told. */
  previousIds: string[];
  /** Sum to the target set. */
  counts: DeviceCounts;
};

export type RolloutDeviceFacts = {
  id: string;
  phase: number;
  position: number;
  late: boolean;
  hardwareClass: string | null;
  variantId: string;
  previousId: string | null;
  state: RolloutDeviceState;
  stateAt: number;
  note: string | null;
  toldAt: number | null;
  switchedAt: number | null;
  committedAt: number | null;
  attempts: number;
  retryAt: number | null;
  /** The step of its update that was seen last, as "downloading 40". */
  step: string | null;
  outcome: UpdateCode | null;
  error: { code: string; message: string; at: number | null } | null;
  /** As the hub knows it now. */
  online: boolean;
  held: boolean;
  servingId: string | null;
};

export type VerdictFacts = Omit<RolloutVerdict, 'rolloutId' | 'at' | 'windowStart' | 'windowEnd'> & {
  at: number;
  from: number;
  to: number;
};

export type RolloutEventFacts = {
  id: number;
  at: number;
  kind: string;
  level: 'info' | 'warning' | 'error';
  message: string;
  deviceId: string | null;
  phase: number | null;
  data: unknown;
};

export type PhaseFacts = RolloutSpec['phases'][number] & { counts: DeviceCounts };

export type RolloutDetail = RolloutLine & {
  spec: RolloutSpec;
  pausedFrom: RolloutState | null;
  phaseAt: number | null;
  soakAt: number | null;
  /** While it soaks: when that is over. */
  soakUntil: number | null;
  /** Where it has maintenance windows: when they open or close next. */
  windowChangesAt: number | null;
  phaseList: PhaseFacts[];
  /** In the order of turns. */
  devices: RolloutDeviceFacts[];
  /** The latest of each kind and phase first. */
  verdicts: VerdictFacts[];
};

const mostEvents = 500;

/** The newest first. */
export async function listRollouts(db: Database): Promise<RolloutLine[]> {
  const rows = await db.rollout.findMany({ orderBy: { createdAt: 'desc' } });
  const groups = await db.rolloutDevice.groupBy({ by: ['rolloutId', 'state'], _count: true });
  const before = await db.rolloutDevice.groupBy({
    by: ['rolloutId', 'previousId'],
    _count: true,
    orderBy: { _count: { deviceId: 'desc' } },
  });
  return rows.map((row) => {
    const own = groups.filter(({ rolloutId }) => rolloutId === row.id);
    const previousIds = before.flatMap(({ rolloutId, previousId }) => (rolloutId === row.id && previousId !== null ? [previousId] : []));
    return toLine(row, Object.fromEntries(own.map(({ state, _count }) => [state, _count])), previousIds);
  });
}

const include = {
  devices: { include: { device: { select: { presence: true, held: true, servingId: true } } }, orderBy: { position: 'asc' } },
  verdicts: { orderBy: [{ at: 'desc' }, { id: 'desc' }], take: mostEvents },
} as const satisfies Prisma.RolloutInclude;
type Row = Prisma.RolloutGetPayload<{ include: typeof include }>;

/** @returns null where there is none. */
export async function readRollout(db: Database, id: string, now: number): Promise<RolloutDetail | null> {
  const row = await db.rollout.findUnique({ where: { id }, include });
  if (row === null) return null;
  const spec = readSpec(row.spec);
  const devices = row.devices.map(toDevice);
  const soakAt = time(row.soakAt);
  return {
    ...toLine(row, tally(devices), mostFrequent(devices.flatMap(({ previousId }) => previousId ?? []))),
    spec,
    pausedFrom: row.pausedFrom as RolloutState | null,
    phaseAt: time(row.phaseAt),
    soakAt,
    soakUntil: row.state === 'soaking' && soakAt !== null ? soakAt + (spec.phases[row.phase]?.soak ?? 0) : null,
    windowChangesAt: nextChange(spec.schedule.windows, now) ?? null,
    phaseList: spec.phases.map((phase, index) => ({ ...phase, counts: fill(tally(devices.filter((device) => device.phase === index))) })),
    devices,
    verdicts: row.verdicts.map(toVerdict),
  };
}

/** The newest first. @param before the id of the oldest that the reader has */
export async function readRolloutEvents(db: Database, rolloutId: string, { before, take = 100 }: { before?: number; take?: number } = {}) {
  const rows = await db.rolloutEvent.findMany({
    where: { rolloutId, ...(before !== undefined && { id: { lt: before } }) },
    orderBy: { id: 'desc' },
    take: Math.min(take, mostEvents),
  });
  return rows.map(
    ({ rolloutId: _, at, level, data, ...row }): RolloutEventFacts => ({
      ...row,
      at: at.getTime(),
      level: level as RolloutEventFacts['level'],
      data: data === null ? null : JSON.parse(data),
    }),
  );
}

function mostFrequent(ids: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one).map(([id]) => id);
}

function toLine(row: Omit<Row, 'devices' | 'verdicts'>, counts: Partial<Record<string, number>>, previousIds: string[]): RolloutLine {
  const { id, name, key, phase, version } = row;
  const { phases, variant, variants = {} } = readSpec(row.spec);
  return {
    id,
    name,
    key,
    phase,
    version,
    previousIds,
    variantIds: variant === undefined ? [...new Set(Object.values(variants))] : [variant],
    phases: phases.length,
    state: row.state as RolloutState,
    reason: row.reason as PauseReason | null,
    stateAt: row.stateAt.getTime(),
    createdAt: row.createdAt.getTime(),
    startedAt: time(row.startedAt),
    endedAt: time(row.endedAt),
    counts: fill(counts),
  };
}

function tally(devices: readonly RolloutDeviceFacts[]): Partial<Record<string, number>> {
  const counts: Partial<Record<string, number>> = {};
  for (const { state } of devices) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

function fill(counts: Partial<Record<string, number>>): DeviceCounts {
  return Object.fromEntries(Object.keys(rolloutDeviceStates).map((state) => [state, counts[state] ?? 0])) as DeviceCounts;
}

function toDevice(row: Row['devices'][number]): RolloutDeviceFacts {
  const { phase, position, late, hardwareClass, variantId, previousId, note, attempts, step, errorCode, errorMessage, device } = row;
  return {
    id: row.deviceId,
    phase,
    position,
    late,
    hardwareClass,
    variantId,
    previousId,
    note,
    attempts,
    step,
    state: row.state as RolloutDeviceState,
    stateAt: row.stateAt.getTime(),
    toldAt: time(row.toldAt),
    switchedAt: time(row.switchedAt),
    committedAt: time(row.committedAt),
    retryAt: time(row.retryAt),
    outcome: row.outcome as UpdateCode | null,
    error: errorCode === null ? null : { code: errorCode, message: errorMessage ?? '', at: time(row.errorAt) },
    online: device.presence === 'online',
    held: device.held,
    servingId: device.servingId,
  };
}

function toVerdict({ rolloutId: _, at, windowStart, windowEnd, ...row }: RolloutVerdict): VerdictFacts {
  return { ...row, at: at.getTime(), from: windowStart.getTime(), to: windowEnd.getTime() };
}

function time(date: Date | null): number | null {
  return date === null ? null : date.getTime();
}
