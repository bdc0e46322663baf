/** @file Devices that were online when the hub went away, and did not come back to it. */
import type { Database } from '@alpharho/db';
import { raiseChanges } from '../server/services/raise-changes.ts';

/**
 * Marks offline what is called online and has not been heard since `startedAt`: nobody else will, since the broker that would have
 * published their last wills is gone. @returns their ids.
 */
export async function markMissing(db: Database, startedAt: Date, now: Date): Promise<string[]> {
  return db.$transaction(async (tx) => {
    const missing = await tx.device.findMany({
      where: { presence: 'online', OR: [{ lastSeenAt: null }, { lastSeenAt: { lt: startedAt } }] },
      select: { id: true },
    });
    const ids = missing.map(({ id }) => id);
    if (ids.length === 0) return ids;
    await tx.device.updateMany({ where: { id: { in: ids } }, data: { presence: 'offline', presenceReason: 'lost', presenceAt: now } });
    const message = 'Did not come back when the hub started again';
    await tx.deviceEvent.createMany({ data: ids.map((deviceId) => ({ deviceId, at: now, kind: 'offline', message })) });
    await raiseChanges(tx, ['fleet', ...ids.map((id) => `device:${id}` as const)]);
    return ids;
  });
}
