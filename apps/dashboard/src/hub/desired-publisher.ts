/** @file Intent goes down: publishes each device's desired state, retained, whenever its revision has risen. */
import type { Database, Device, Variant } from '@alpharho/db';
import type { Desired } from '@alpharho/protocol';
import type { Logger } from '../server/logger.ts';
import { toWireVariant } from '../server/wire-variant.ts';

/** How often the hub looks whether intent has moved, milliseconds: one read of one row. */
export const intentPollMs = 250;

type Options = {
  db: Database;
  publish: (device: string, desired: Desired) => Promise<void>;
  /** Absolute address of the hub's HTTP port, or undefined where devices know it from the broker's. */
  publicUrl: string | undefined;
  logger: Logger;
};

/**
 * INVARIANTS: each revision that a look() finds is published once in the life of this process, in rising order per device; the first look
 * publishes them all, since a new broker keeps none. One device's fault keeps no other waiting.
 */
export class DesiredPublisher {
  private readonly options: Options;
  /** Device → the revision that the broker keeps for it. */
  private readonly published = new Map<string, number>();
  private intent: number | undefined;

  constructor(options: Options) {
    this.options = options;
  }

  /** Publishes what has risen since the last look. @throws the first failure, after the other devices were told; the next look does what is left. */
  async look(): Promise<void> {
    const { db, publish, publicUrl, logger } = this.options;
    const change = await db.change.findUnique({ where: { topic: 'intent' } });
    const intent = change?.revision ?? 0;
    if (intent === this.intent) return;
    const devices = await db.device.findMany({ where: { desiredRevision: { gt: 0 } }, include: { desired: true } });
    const failures: Error[] = [];
    for (const device of devices) {
      if (device.desired === null || device.desiredRevision <= (this.published.get(device.id) ?? 0)) continue;
      try {
        await publish(device.id, toDesired(device, device.desired, publicUrl));
      } catch (cause) {
        failures.push(new Error(`the desired state of device ${device.id} cannot be published`, { cause }));
        continue;
      }
      this.published.set(device.id, device.desiredRevision);
      logger.info({ device: device.id, revision: device.desiredRevision, variant: device.desired.id }, 'published a desired state');
    }
    if (failures.length > 0) throw failures[0];
    this.intent = intent;
  }
}

function toDesired(device: Device, variant: Variant, publicUrl: string | undefined): Desired {
  return {
    v: 1,
    revision: device.desiredRevision,
    issuedAt: device.desiredAt?.getTime() ?? 0,
    variant: toWireVariant(variant),
    url: `${publicUrl ?? ''}/models/${variant.id}`,
  };
}
