/** @file What the fleet page reads. */
import 'server-only';
import type { DeviceFacts, HubFacts } from '@/lib/device-facts.ts';
import type { VariantFacts } from '@/lib/variant-facts.ts';
import { readDevices, readHub, readVariants, toDeviceFacts } from './facts.ts';
import { database, windowCache } from './process-state.ts';
import type { WindowCell } from './window-cache.ts';

export type FleetFacts = {
  now: number;
  hub: HubFacts;
  devices: DeviceFacts[];
  variants: VariantFacts[];
  /** One-minute cells of the last {@link fleetRangeMs}. */
  windows: WindowCell[];
};

export const fleetRangeMs = 30 * 60_000;
export const fleetBucketMs = 60_000;

export async function loadFleet(): Promise<FleetFacts> {
  const db = await database();
  const now = Date.now();
  const [devices, hub, variants, windows] = await Promise.all([readDevices(db), readHub(db, now), readVariants(db), loadFleetWindows()]);
  return { now, hub, devices: devices.map(toDeviceFacts), variants, windows };
}

/** What the whole fleet measured in the last half hour, a minute a cell. */
export async function loadFleetWindows(): Promise<WindowCell[]> {
  return windowCache().read(await database(), { deviceId: null, bucketMs: fleetBucketMs, from: Date.now() - fleetRangeMs });
}

export async function loadVariants(): Promise<VariantFacts[]> {
  return readVariants(await database());
}
