/** @file Remembers where the board was announced, so that it disappears there when that is switched off or goes elsewhere. */
import { rm } from 'node:fs/promises';
import { type DeviceId, deviceIdSchema } from '@alpharho/protocol';
import { z } from 'zod';
import { availabilityTopic, discoveryTopic } from '../domain/home-assistant.ts';
import type { Log } from '../domain/ports.ts';
import { withdraw } from './mqtt/announcer.ts';
import { readSmall } from './system/read-small.ts';
import { redactUrl } from './system/redact.ts';
import { writeWhole } from './system/write-whole.ts';

/** More than the schema can take. */
const maxBytes = 16 * 1024;

export type Place = { readonly url: string; readonly prefix: string; readonly device: DeviceId };

const placeSchema = z.object({ url: z.url().max(4096), prefix: z.string().min(1).max(200), device: deviceIdSchema });

/** `mqtt://host/prefix`; Home Assistant's own default where there is no path. */
export function placeOf(url: string, device: DeviceId): Place {
  return { url, prefix: new URL(url).pathname.replace(/^\/+|\/+$/g, '') || 'homeassistant', device };
}

/**
 * To be called at each start.
 * @param file in the data folder; only its owner can read it, as the address may hold a password
 * @param now where the board is announced from now on; undefined: nowhere
 */
export async function movePlace(file: string, now: Place | undefined, log: Log): Promise<void> {
  const before = await read(file);
  if (isSame(before, now)) return;
  if (before !== undefined) {
    const { url, prefix, device } = before;
    const place = redactUrl(url);
    const isGone = await withdraw({ url, device, topics: [discoveryTopic(prefix, device), availabilityTopic(device)] });
    if (isGone) log.info(`${device} was removed from Home Assistant at ${place}`);
    else if (now === undefined) {
      log.warn(`${device} could not be removed from Home Assistant, ${place} is out of reach; it is tried again at the next start`);
      return;
    } else log.warn(`${device} could not be removed from Home Assistant, ${place} is out of reach; remove it there by hand`);
    await rm(file, { force: true });
  }
  if (now === undefined) return;
  await writeWhole(file, `${JSON.stringify(now)}\n`, { mode: 0o600 });
}

function isSame(before: Place | undefined, now: Place | undefined): boolean {
  return before?.url === now?.url && before?.prefix === now?.prefix && before?.device === now?.device;
}

async function read(file: string): Promise<Place | undefined> {
  try {
    return placeSchema.safeParse(JSON.parse((await readSmall(file, maxBytes)) ?? '')).data;
  } catch {
    return undefined;
  }
}
