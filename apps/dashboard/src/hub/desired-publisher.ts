/** @file Intent goes down: publishes each device's desired state, signed and retained, whenever it has changed or is about to grow old. */
import type { Database } from '@alpharho/db';
import { desiredRenewalMs, type Signed } from '@alpharho/protocol';
import type { PrivateKey } from '../server/keys/ed25519.ts';
import type { KeyFiles } from '../server/keys/key-files.ts';
import type { Logger } from '../server/logger.ts';
import { desiredKey } from '../server/services/sign-manifests.ts';
import { desiredContent, signDesired } from './desired-document.ts';

/** How often the hub looks whether intent has moved, milliseconds: one read of two rows. */
export const intentPollMs = 250;
/** What could not be published is tried again after this: somebody has to put something right first. */
const againMs = 5_000;

type Options = {
  db: Database;
  keys: KeyFiles;
  publish: (device: string, desired: Signed) => Promise<void>;
  /** Absolute address of the hub's HTTP port, or undefined where devices know it from the broker's. */
  publicUrl: string | undefined;
  clock: () => number;
  logger: Logger;
};

/** What the broker keeps for a device: what it says, under which key, since when. */
type Kept = { content: string; keyId: string; issuedAt: number };

/**
 * INVARIANTS: what the broker keeps for a device is what its row says, within a look() of its commit, signed by a key that counts and not
 * older than {@link desiredRenewalMs}; what says the same as before is not published again before that. The first look publishes all,
 * since a new broker keeps none. One device's fault keeps no other waiting.
 */
export class DesiredPublisher {
  private readonly options: Options;
  private readonly kept = new Map<string, Kept>();
  /** Revisions of the change feed that were looked at. */
  private seen = '';
  /** When something is due by itself. */
  private dueAt = Number.NEGATIVE_INFINITY;
  /** What went wrong the last time that anything was tried. */
  private failure: unknown;

  constructor(options: Options) {
    this.options = options;
  }

  /** Publishes what is due. @throws the first failure, after the other devices were told; what is left is tried again in seconds. */
  async look(): Promise<void> {
    const { db, clock } = this.options;
    const changes = await db.change.findMany({ where: { topic: { in: ['intent', 'keys'] } }, orderBy: { topic: 'asc' } });
    const seen = changes.map(({ topic, revision }) => `${topic} ${revision}`).join();
    const now = clock();
    if (seen !== this.seen || now >= this.dueAt) {
      this.seen = seen;
      this.dueAt = now + againMs;
      this.failure = await this.tellAll(now).catch((error: unknown) => error);
    }
    // Where nothing was tried, nothing works again either.
    if (this.failure !== undefined) throw this.failure;
  }

  /** @returns the first failure. */
  private async tellAll(now: number): Promise<unknown> {
    const { db, keys } = this.options;
    const devices = await readIntents(db);
    // One that is gone is never renewed: it must not be due for ever.
    for (const id of this.kept.keys()) if (!devices.some((device) => device.id === id && device.desired !== null)) this.kept.delete(id);
    // A hub that has told nobody anything needs no key.
    const failures = devices.length === 0 ? [] : await this.publishAll(devices, await desiredKey(db, keys), now);
    if (failures.length > 0) return failures[0];
    this.dueAt = Math.min(...[...this.kept.values()].map(({ issuedAt }) => issuedAt + desiredRenewalMs));
    return undefined;
  }

  private async publishAll(devices: DeviceRow[], key: PrivateKey, now: number): Promise<Error[]> {
    const failures: Error[] = [];
    for (const device of devices) {
      try {
        await this.publish(device, key, now);
      } catch (cause) {
        failures.push(new Error(`the desired state of device ${device.id} cannot be published`, { cause }));
      }
    }
    return failures;
  }

  private async publish(device: DeviceRow, key: PrivateKey, now: number): Promise<void> {
    if (device.desired === null) return;
    const { publish, publicUrl, logger } = this.options;
    const said = desiredContent(device, device.desired, publicUrl);
    const content = JSON.stringify(said);
    const kept = this.kept.get(device.id);
    const same = kept?.content === content && kept.keyId === key.id;
    if (same && now < kept.issuedAt + desiredRenewalMs) return;
    await publish(device.id, signDesired(said, key, now));
    this.kept.set(device.id, { content, keyId: key.id, issuedAt: now });
    const facts = { device: device.id, revision: said.revision, variant: device.desired.id, ...(said.hold && { hold: true }) };
    logger.info(facts, same ? 'renewed a desired state' : 'published a desired state');
  }
}

function readIntents(db: Database) {
  return db.device.findMany({
    where: { desiredRevision: { gt: 0 } },
    select: {
      id: true,
      desiredRevision: true,
      desiredPolicy: true,
      desiredHold: true,
      desiredPardon: true,
      desired: { select: { id: true, manifest: true } },
    },
  });
}

type DeviceRow = Awaited<ReturnType<typeof readIntents>>[number];
