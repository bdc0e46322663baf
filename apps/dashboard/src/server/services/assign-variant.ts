/** @file Use case: an operator gives devices a variant. Only intent is written here; the hub's loop tells the devices. */
import type { Database, Device, Variant } from '@alpharho/db';
import { AlpharhoError, variantLabel } from '@alpharho/protocol';
import { nextRevision } from '../rollouts/next-revision.ts';
import { toWireVariant } from '../wire-variant.ts';
import { offered } from './offered-variant.ts';
import { raiseChanges } from './raise-changes.ts';

export type Assignment = {
  /** They are told to change. */
  assigned: string[];
  /** They have it or are on their way already. */
  unchanged: string[];
};

/**
 * Writes what `deviceIds` are to be. Giving a variant again to a device whose update to it failed tries once more.
 * @throws AlpharhoError model_missing (the registry has no file for it) | variant_retired | variant_unsigned | device_unknown | desired_stale (a device claims to have seen
 * the last number). Nothing is written then.
 */
export async function assignVariant(db: Database, request: { deviceIds: readonly string[]; variantId: string }): Promise<Assignment> {
  return db.$transaction(async (tx) => {
    const variant = offered(await tx.variant.findUnique({ where: { id: request.variantId } }), request.variantId);
    const devices = await tx.device.findMany({ where: { id: { in: [...request.deviceIds] } } });
    const missing = request.deviceIds.find((id) => !devices.some((device) => device.id === id));
    if (missing !== undefined) throw new AlpharhoError('device_unknown', `device ${missing}: never heard of; check its name`);

    const [assigned, unchanged] = partition(devices, (device) => !isUnderWay(device, variant));
    for (const device of assigned) await assign(tx, device, variant);
    if (assigned.length > 0) await raiseChanges(tx, ['intent', 'fleet', ...assigned.map(({ id }) => `device:${id}` as const)]);
    return { assigned: assigned.map(({ id }) => id), unchanged: unchanged.map(({ id }) => id) };
  });
}

async function assign(tx: Pick<Database, 'device' | 'deviceEvent'>, device: Device, variant: Variant): Promise<void> {
  const at = new Date();
  const revision = nextRevision(device);
  if (revision === undefined) {
    throw new AlpharhoError(
      'desired_stale',
      `device ${device.id}: says that it has seen revision ${device.seenRevision}, the last there is`,
    );
  }
  // What a rollout has said of the one before does not hold for this one; trying again is also leave where it is quarantined.
  const own = { desiredHold: false, desiredPolicy: null, desiredPardon: device.desiredId === variant.id };
  await tx.device.update({ where: { id: device.id }, data: { desiredId: variant.id, desiredAt: at, desiredRevision: revision, ...own } });
  const message = `Given ${variantLabel(toWireVariant(variant))}`;
  const data = JSON.stringify({ variantId: variant.id, revision });
  await tx.deviceEvent.create({ data: { deviceId: device.id, at, kind: 'assigned', message, data } });
}

function isUnderWay(device: Device, variant: Variant): boolean {
  if (device.desiredId !== variant.id) return false;
  const ended = device.seenRevision >= device.desiredRevision && (device.phase === 'failed' || device.phase === 'rolled_back');
  return !ended;
}

function partition<T>(items: readonly T[], belongs: (item: T) => boolean): [T[], T[]] {
  return [items.filter(belongs), items.filter((item) => !belongs(item))];
}
