/** @file Asks devices for what operators want of them once: publishes each open request when it is found. */
import type { Database } from '@alpharho/db';
import type { DeviceRequest } from '@alpharho/protocol';
import type { Logger } from '../server/logger.ts';
import { snapshotOpenMs } from '../server/services/request-snapshot.ts';

type Options = {
  db: Database;
  publish: (device: string, request: DeviceRequest) => Promise<void>;
  clock: () => number;
  logger: Logger;
};

/**
 * INVARIANT: a request that a look() finds while it is open is published once in the life of this process; one that another hub published
 * before it ended is left to its device.
 */
export class RequestPublisher {
  private readonly options: Options;
  private revision: number | undefined;

  constructor(options: Options) {
    this.options = options;
  }

  /** Publishes what has been asked for since the last look. */
  async look(): Promise<void> {
    const { db, publish, clock, logger } = this.options;
    const revision = (await db.change.findUnique({ where: { topic: 'request' } }))?.revision ?? 0;
    if (revision === this.revision) return;
    const now = clock();
    const open = await db.snapshot.findMany({
      where: { publishedAt: null, requestedAt: { gt: new Date(now - snapshotOpenMs) } },
      select: { id: true, deviceId: true, requestedAt: true, maxSide: true, device: { select: { clockOffsetMs: true } } },
    });
    for (const { id, deviceId, requestedAt, maxSide, device } of open) {
      // Marked first: a request that is lost is made again by a person, one that comes twice is a second picture.
      await db.snapshot.update({ where: { id }, data: { publishedAt: new Date(now) }, select: { id: true } });
      const issuedAt = Math.max(0, Math.round(requestedAt.getTime() + device.clockOffsetMs));
      await publish(deviceId, { v: 1, id, kind: 'snapshot', issuedAt, ...(maxSide !== null && { maxSide }) });
      logger.info({ device: deviceId, request: id }, 'asked a device for a picture');
    }
    this.revision = revision;
  }
}
