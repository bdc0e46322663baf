/** @file A rollout as the database has it → as the engine looks at it. */
import type { Database, Prisma } from '@alpharho/db';
import {
  parseRolloutSpec,
  type RolloutDevice,
  type RolloutProgress,
  type RolloutSpec,
  type UpdateCode,
  type UpdatePhase,
} from '@alpharho/protocol';
import type { DeviceNow, Failure, Snapshot, Track } from '../engine/snapshot.ts';
import { type Terms, termsOf } from '../engine/terms.ts';

export type LoadedRollout = {
  readonly id: string;
  readonly name: string;
  readonly spec: RolloutSpec;
  readonly terms: Terms;
  /** Of the row that was read; whoever writes says it. */
  readonly version: number;
  readonly snapshot: Snapshot;
};

export const deviceNowSelect = {
  presence: true,
  servingId: true,
  servingSince: true,
  phase: true,
  progress: true,
  outcome: true,
  errorCode: true,
  errorMessage: true,
  errorAt: true,
  seenRevision: true,
  held: true,
  shadow: true,
  desiredId: true,
  desiredRevision: true,
  desiredHold: true,
} as const satisfies Prisma.DeviceSelect;

const include = { devices: { include: { device: { select: deviceNowSelect } } } } as const satisfies Prisma.RolloutInclude;
type Row = Prisma.RolloutGetPayload<{ include: typeof include }>;
type DeviceRow = Row['devices'][number];

export async function loadRollout(db: Pick<Database, 'rollout'>, id: string): Promise<LoadedRollout | null> {
  const row = await db.rollout.findUnique({ where: { id }, include });
  if (row === null) return null;
  const spec = readSpec(row.spec);
  const { name, version } = row;
  return { id, name, spec, terms: termsOf(spec), version, snapshot: toSnapshot(row) };
}

/** @throws AlpharhoError rollout_invalid where the row holds what this version has no words for */
export function readSpec(json: string): RolloutSpec {
  return parseRolloutSpec(JSON.parse(json));
}

function toSnapshot(row: Row): Snapshot {
  const { reason, pausedFrom } = row;
  const progress = {
    state: row.state,
    phase: row.phase,
    ...(reason !== null && { reason }),
    ...(pausedFrom !== null && { pausedFrom }),
    devices: byId(row.devices, toDevice),
  } as RolloutProgress;
  const times = {
    stateAt: row.stateAt.getTime(),
    startedAt: time(row.startedAt),
    endedAt: time(row.endedAt),
    phaseAt: time(row.phaseAt),
    soakAt: time(row.soakAt),
    judgeAt: time(row.judgeAt),
    pausedMs: row.pausedMs,
  };
  return { progress, times, tracks: byId(row.devices, toTrack), now: byId(row.devices, ({ device }) => toDeviceNow(device)) };
}

function byId<T>(rows: readonly DeviceRow[], of: (row: DeviceRow) => T): Record<string, T> {
  return Object.fromEntries(rows.map((row) => [row.deviceId, of(row)]));
}

function toDevice({ state, phase, variantId, previousId, committedAt }: DeviceRow): RolloutDevice {
  const previous = previousId === null ? {} : { previous: previousId };
  return { state: state as RolloutDevice['state'], phase, variant: variantId, ...previous, ...(committedAt !== null && { served: true }) };
}

function toTrack(row: DeviceRow): Track {
  const { position, hardwareClass, late, note, revision, shadow, step, attempts } = row;
  return {
    position,
    hardwareClass,
    late,
    note,
    revision,
    shadow,
    step,
    attempts,
    stateAt: row.stateAt.getTime(),
    toldAt: time(row.toldAt),
    clockAt: time(row.clockAt),
    switchedAt: time(row.switchedAt),
    committedAt: time(row.committedAt),
    stepAt: time(row.stepAt),
    retryAt: time(row.retryAt),
    outcome: row.outcome as UpdateCode | null,
    failure: failureOf(row),
  };
}

export function toDeviceNow(row: Prisma.DeviceGetPayload<{ select: typeof deviceNowSelect }>): DeviceNow {
  const { progress, seenRevision, held, shadow, desiredId, desiredRevision, desiredHold } = row;
  return {
    online: row.presence === 'online',
    serving: row.servingId,
    servingSince: time(row.servingSince),
    phase: row.phase as UpdatePhase,
    progress,
    outcome: row.outcome as UpdateCode | null,
    failure: failureOf(row),
    seenRevision,
    held,
    shadow,
    desiredId,
    desiredRevision,
    desiredHold,
  };
}

function failureOf({ errorCode, errorMessage, errorAt }: Pick<DeviceRow, 'errorCode' | 'errorMessage' | 'errorAt'>): Failure | null {
  return errorCode === null ? null : { code: errorCode, message: errorMessage ?? '', at: time(errorAt) };
}

function time(date: Date | null): number | null {
  return date === null ? null : date.getTime();
}
