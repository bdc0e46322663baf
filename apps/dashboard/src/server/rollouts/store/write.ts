/**
 * @file A decision → the database, whole or not at all: where the rollout stands, its devices, what they are to be, and the story of it.
 * Rows are written many to a statement: a look may move hundreds of devices, and ingest waits for as long as it writes.
 */
import type { Database } from '@alpharho/db';
import { type DevicePolicy, defaultDevicePolicy, variantLabel } from '@alpharho/protocol';
import { raiseChanges } from '../../services/raise-changes.ts';
import { toWireVariant } from '../../wire-variant.ts';
import type { Decision, Intent, Snapshot, Story } from '../engine/snapshot.ts';
import type { LoadedRollout } from './load.ts';

export type Transaction = Parameters<Parameters<Database['$transaction']>[0]>[0];

/** Somebody else wrote since it was read: read it again and decide anew. */
export class RolloutMoved extends Error {
  override readonly name = 'RolloutMoved';
}

/** @throws RolloutMoved. Nothing may be kept then of what the transaction did. */
export async function writeDecision(tx: Transaction, loaded: LoadedRollout, decision: Decision, now: number): Promise<void> {
  await writeRollout(tx, loaded, decision.after);
  await writeDevices(tx, loaded, decision);
  await writeIntents(tx, loaded, decision.intents, now);
  await writeStories(tx, loaded, decision, now);
  const told = decision.intents.map(({ device }) => `device:${device}` as const);
  await raiseChanges(tx, ['rollouts', `rollout:${loaded.id}`, ...(told.length > 0 ? (['intent', 'fleet', ...told] as const) : [])]);
}

/** Whether there is anything to write. */
export function changesAnything({ snapshot }: LoadedRollout, { after, intents, stories, joined }: Decision): boolean {
  if (intents.length + stories.length + joined.length > 0 || after.progress !== snapshot.progress) return true;
  return after.times !== snapshot.times || changedIds(snapshot, after).length > 0;
}

function changedIds(before: Snapshot, after: Snapshot): string[] {
  return Object.keys(after.tracks).filter(
    (id) => after.tracks[id] !== before.tracks[id] || after.progress.devices[id] !== before.progress.devices[id],
  );
}

async function writeRollout(tx: Transaction, { id, version }: LoadedRollout, { progress, times }: Snapshot): Promise<void> {
  const { state, phase, reason = null, pausedFrom = null } = progress;
  const { stateAt, startedAt, endedAt, phaseAt, soakAt, judgeAt, pausedMs } = times;
  const dates = { stateAt: new Date(stateAt), startedAt: date(startedAt), endedAt: date(endedAt), phaseAt: date(phaseAt) };
  const { count } = await tx.rollout.updateMany({
    where: { id, version },
    data: { state, phase, reason, pausedFrom, ...dates, soakAt: date(soakAt), judgeAt: date(judgeAt), pausedMs, version: version + 1 },
  });
  if (count === 0) throw new RolloutMoved(`rollout ${id}: changed meanwhile`);
}

/** Columns that the engine moves, as the statement reads them from JSON. */
const columns = [
  'state',
  'stateAt',
  'previousId',
  'committedAt',
  'note',
  'revision',
  'toldAt',
  'clockAt',
  'switchedAt',
  'shadow',
  'step',
  'stepAt',
  'attempts',
  'retryAt',
  'outcome',
  'errorCode',
  'errorMessage',
  'errorAt',
] as const;

const updateDevices = `UPDATE RolloutDevice SET ${columns.map((name) => `${name} = j.value ->> '${name}'`).join(', ')}
  FROM json_each(?) AS j WHERE rolloutId = j.value ->> 'rolloutId' AND deviceId = j.value ->> 'deviceId'`;

async function writeDevices(tx: Transaction, { id, snapshot }: LoadedRollout, { after, joined }: Decision): Promise<void> {
  // The key is in each row, so that SQLite looks each row up, instead of each list through.
  const rows = changedIds(snapshot, after).map((deviceId) => ({ rolloutId: id, deviceId, ...toRow(after, deviceId) }));
  const added = rows.filter(({ deviceId }) => joined.includes(deviceId));
  for (const { deviceId } of added) {
    const device = after.progress.devices[deviceId];
    const { position = 0, hardwareClass = null, late = true } = after.tracks[deviceId] ?? {};
    const fixed = { rolloutId: id, deviceId, position, hardwareClass, late, phase: device?.phase ?? 0, variantId: device?.variant ?? '' };
    await tx.rolloutDevice.create({ data: { ...fixed, stateAt: new Date(0) } });
  }
  if (rows.length > 0) await tx.$executeRawUnsafe(updateDevices, JSON.stringify(rows));
}

function toRow({ progress, tracks }: Snapshot, id: string): Record<(typeof columns)[number], string | number | null> {
  const device = progress.devices[id];
  const track = tracks[id];
  if (device === undefined || track === undefined) throw new Error(`device ${id}: is not in the rollout`);
  const { failure, position: _, hardwareClass: __, late: ___, ...moving } = track;
  const error = { errorCode: failure?.code ?? null, errorMessage: failure?.message ?? null, errorAt: failure?.at ?? null };
  return { state: device.state, previousId: device.previous ?? null, ...moving, ...error };
}

/** Where only the hold moves, what came with the revision stays. */
const unlessSame = (column: string, value: string) =>
  `${column} = CASE WHEN desiredRevision = j.value ->> 'revision' THEN ${column} ELSE ${value} END`;

const updateIntents = `UPDATE Device SET desiredHold = j.value ->> 'hold', ${unlessSame('desiredId', "j.value ->> 'variant'")},
    ${unlessSame('desiredPardon', "j.value ->> 'pardon'")}, ${unlessSame('desiredPolicy', "j.value ->> 'policy'")}, ${unlessSame('desiredAt', '?')},
    desiredRevision = j.value ->> 'revision'
  FROM json_each(?) AS j WHERE Device.id = j.value ->> 'device' AND desiredRevision = j.value ->> 'expectedRevision'`;

/** Back to what has proven itself there: what it knows already needs no second trial. */
const policyBack: DevicePolicy = { ...defaultDevicePolicy, shadow: { ...defaultDevicePolicy.shadow, frames: 0 } };

async function writeIntents(tx: Transaction, { spec, name, id }: LoadedRollout, intents: readonly Intent[], now: number): Promise<void> {
  if (intents.length === 0) return;
  const forward: DevicePolicy = { ...spec.device, step: { ms: spec.deadlines.step } };
  const policies = { forward: JSON.stringify(forward), back: JSON.stringify(policyBack) };
  const rows = intents.map((intent) => ({
    ...intent,
    hold: Number(intent.hold),
    pardon: Number(intent.pardon),
    policy: policies[intent.way],
  }));
  const written = await tx.$executeRawUnsafe(updateIntents, now, JSON.stringify(rows));
  if (written !== intents.length) throw new RolloutMoved(`rollout ${id}: a device was given something else meanwhile`);
  const given = intents.filter(({ revision, expectedRevision }) => revision !== expectedRevision);
  const names = await variantNames(tx, given);
  await tx.deviceEvent.createMany({
    data: given.map(({ device, variant, revision, way }) => ({
      deviceId: device,
      at: new Date(now),
      kind: 'assigned',
      message: `Given ${names.get(variant) ?? variant.slice(0, 12)} ${way === 'back' ? 'back ' : ''}by the rollout ${JSON.stringify(name)}`,
      data: JSON.stringify({ variantId: variant, revision, rolloutId: id }),
    })),
  });
}

async function variantNames(tx: Transaction, intents: readonly Intent[]): Promise<Map<string, string>> {
  const ids = [...new Set(intents.map(({ variant }) => variant))];
  const rows = await tx.variant.findMany({ where: { id: { in: ids } } });
  return new Map(rows.map((row) => [row.id, variantLabel(toWireVariant(row))]));
}

async function writeStories(tx: Transaction, { id }: LoadedRollout, { stories, after }: Decision, now: number): Promise<void> {
  const toRow = ({ kind, level, message, device, data }: Story) => ({
    rolloutId: id,
    at: new Date(now),
    kind,
    level,
    message,
    deviceId: device ?? null,
    phase: after.progress.phase,
    data: data === undefined ? null : JSON.stringify(data),
  });
  await tx.rolloutEvent.createMany({ data: stories.map(toRow) });
}

function date(time: number | null): Date | null {
  return time === null ? null : new Date(time);
}
