/** @file Says in the database that the hub lives, for the pages, which share nothing else with it. */
import type { Database } from '@alpharho/db';

/** A hub that is silent for a few of these is gone, milliseconds. */
export const heartbeatMs = 5_000;

export async function beat(db: Database, startedAt: Date, now: Date): Promise<void> {
  const row = { startedAt, heartbeatAt: now };
  await db.process.upsert({ where: { name: 'hub' }, create: { name: 'hub', ...row }, update: row });
}
