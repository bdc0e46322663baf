/** @file Tells every device whose signatures count: the set of keys, retained, as soon as it changes or a device is first heard of. */
import type { Database } from '@alpharho/db';
import type { Keys } from '@alpharho/protocol';
import { latestKeySet } from '../server/keys/key-set.ts';
import type { Logger } from '../server/logger.ts';

type Options = { db: Database; publish: (device: string, keys: Keys) => Promise<void>; logger: Logger };

/** INVARIANT: what the broker keeps for each device that the database knows is the latest set, within a look() of its commit. */
export class KeysPublisher {
  private readonly options: Options;
  /** Device → the version that the broker keeps for it. */
  private readonly published = new Map<string, number>();
  private seen = '';

  constructor(options: Options) {
    this.options = options;
  }

  /** @throws what publishing threw; the next look does what is left. */
  async look(): Promise<void> {
    const { db, publish, logger } = this.options;
    const [change, count] = await Promise.all([db.change.findUnique({ where: { topic: 'keys' } }), db.device.count()]);
    const seen = `${change?.revision ?? 0} ${count}`;
    if (seen === this.seen) return;
    const latest = await latestKeySet(db);
    if (latest === undefined) return;
    const devices = await db.device.findMany({ select: { id: true } });
    const behind = devices.filter(({ id }) => this.published.get(id) !== latest.version);
    for (const { id } of behind) {
      await publish(id, latest.document);
      this.published.set(id, latest.version);
    }
    this.seen = seen;
    if (behind.length > 0) logger.info({ version: latest.version, devices: behind.length }, 'published the set of keys');
  }
}
