/** @file Use case: an operator asks a device for a picture of what its camera sees. Only intent is written here; the hub asks the device. */
import { randomUUID } from 'node:crypto';
import type { Database, Snapshot } from '@alpharho/db';
import { AlpharhoError, requestMaxAgeMs } from '@alpharho/protocol';
import { raiseChanges } from './raise-changes.ts';

/** A device does not answer an older request; the way there and back takes some of this, milliseconds. */
export const snapshotOpenMs = requestMaxAgeMs + 5_000;

/** Enough to recognise what the camera sees, pixels; the frame that a classifier sees is smaller most of the time. */
const maxSide = 512;

/**
 * While a request is open, asking again is the same request.
 * @throws AlpharhoError device_unknown
 */
export async function requestSnapshot(db: Database, deviceId: string, now: Date): Promise<Pick<Snapshot, 'id'>> {
  return db.$transaction(async (tx) => {
    const device = await tx.device.findUnique({ where: { id: deviceId }, select: { id: true } });
    if (device === null) throw new AlpharhoError('device_unknown', `device ${deviceId}: never heard of; check its name`);
    const since = new Date(now.getTime() - snapshotOpenMs);
    const open = await tx.snapshot.findFirst({ where: { deviceId, answeredAt: null, requestedAt: { gt: since } }, select: { id: true } });
    if (open !== null) return open;
    const created = await tx.snapshot.create({ data: { id: randomUUID(), deviceId, requestedAt: now, maxSide }, select: { id: true } });
    await raiseChanges(tx, ['request', `device:${deviceId}`]);
    return created;
  });
}
