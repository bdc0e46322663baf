/** @file Forgets what is older than it is to be kept, a little at a time, so that ingest hardly notices. */
import type { Database } from '@alpharho/db';
import { pause, type Timers } from './timers.ts';

/** From the end of one round to the next, milliseconds. */
export const retentionMs = 10 * 60_000;

const dayMs = 86_400_000;
const telemetryDays = 90;
/** What agents tell that wants nobody goes with the results that it is about; there may be as many. */
const eventDays = 365;
const tokenDays = 30;
/** Rows in one transaction: some milliseconds of the write lock. */
const chunk = 500;
/** Between two chunks, milliseconds: ingest has the lock for nine tenths of the time. */
const pauseMs = 100;

type Task = { db: Database; resultsDays: number; now: number; timers: Timers };

/** Deletes in chunks, each its own transaction, until nothing is too old or `signal` fires. @returns how many rows. */
export async function forgetOld({ db, resultsDays, now, timers }: Task, signal: AbortSignal): Promise<number> {
  const before = (days: number) => now - days * dayMs;
  let rows = 0;
  for (const { id } of await db.device.findMany({ select: { id: true } })) {
    const deletions = [
      () => db.$executeRaw`DELETE FROM Result WHERE rowid IN
        (SELECT rowid FROM Result WHERE deviceId = ${id} AND at < ${before(resultsDays)} LIMIT ${chunk})`,
      () => db.$executeRaw`DELETE FROM TelemetryWindow WHERE rowid IN
        (SELECT rowid FROM TelemetryWindow WHERE deviceId = ${id} AND start < ${before(telemetryDays)} LIMIT ${chunk})`,
      () => db.$executeRaw`DELETE FROM EventThumbnail WHERE eventId IN
        (SELECT eventId FROM EventThumbnail WHERE deviceId = ${id} AND at < ${before(resultsDays)} LIMIT ${chunk})`,
      () => db.$executeRaw`DELETE FROM Snapshot WHERE id IN
        (SELECT id FROM Snapshot WHERE deviceId = ${id} AND requestedAt < ${before(resultsDays)} LIMIT ${chunk})`,
      () => db.$executeRaw`DELETE FROM DeviceEvent WHERE id IN
        (SELECT id FROM DeviceEvent
          WHERE deviceId = ${id} AND level = 'info' AND stream = 'events' AND at < ${before(resultsDays)} LIMIT ${chunk})`,
      () => db.$executeRaw`DELETE FROM DeviceEvent WHERE id IN
        (SELECT id FROM DeviceEvent WHERE deviceId = ${id} AND at < ${before(eventDays)} LIMIT ${chunk})`,
    ];
    for (const deletion of deletions) rows += await inChunks(deletion, timers, signal);
  }
  const measures = () => db.$executeRaw`DELETE FROM VariantMeasure WHERE rowid IN
    (SELECT rowid FROM VariantMeasure WHERE day < ${before(eventDays)} LIMIT ${chunk})`;
  rows += await inChunks(measures, timers, signal);
  const tokens = () => db.$executeRaw`DELETE FROM EnrolmentToken WHERE id IN
    (SELECT id FROM EnrolmentToken WHERE createdAt < ${before(tokenDays)} LIMIT ${chunk})`;
  return rows + (await inChunks(tokens, timers, signal));
}

async function inChunks(deleteChunk: () => Promise<number>, timers: Timers, signal: AbortSignal): Promise<number> {
  let rows = 0;
  for (let deleted = chunk; deleted === chunk && !signal.aborted; ) {
    deleted = await deleteChunk();
    rows += deleted;
    if (deleted === chunk) await pause(pauseMs, timers, signal);
  }
  return rows;
}
