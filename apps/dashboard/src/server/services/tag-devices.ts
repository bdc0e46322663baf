/** @file Use case: operators put words on devices and take them off, by which rollouts find their targets. */
import type { Database } from '@alpharho/db';
import { AlpharhoError } from '@alpharho/protocol';
import { z } from 'zod';
import { raiseChanges } from './raise-changes.ts';

export const tagKeySchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/, 'a tag is 1 to 40 letters, digits, ".", "_" or "-", starting with a letter or digit');
export const tagValueSchema = z
  .string()
  .max(80, "a tag's value has at most 80 characters")
  .regex(/^[^\p{C}"]*$/u, "a tag's value has no quotes and no control characters");

const mostTags = 50;

export type TagChange = {
  deviceIds: readonly string[];
  /** Key → value; '' for a plain tag. A key that a device has gets the new value. */
  set: Readonly<Record<string, string>>;
  remove: readonly string[];
};

/**
 * All of it or, where one device is unknown, nothing. Doing it twice is doing it once.
 * @throws AlpharhoError device_unknown | config_invalid
 */
export async function tagDevices(db: Database, { deviceIds, set, remove }: TagChange): Promise<void> {
  const tags = Object.entries(set).map(([key, value]) => ({ key: check(tagKeySchema, key), value: check(tagValueSchema, value) }));
  await db.$transaction(async (tx) => {
    const known = await tx.device.findMany({ where: { id: { in: [...deviceIds] } }, select: { id: true } });
    const missing = deviceIds.find((id) => !known.some((device) => device.id === id));
    if (missing !== undefined) throw new AlpharhoError('device_unknown', `device ${missing}: never heard of; check its name`);
    await tx.deviceTag.deleteMany({ where: { deviceId: { in: [...deviceIds] }, key: { in: [...remove, ...Object.keys(set)] } } });
    await tx.deviceTag.createMany({ data: deviceIds.flatMap((deviceId) => tags.map((tag) => ({ deviceId, ...tag }))) });
    const counts = await tx.deviceTag.groupBy({ by: ['deviceId'], where: { deviceId: { in: [...deviceIds] } }, _count: true });
    const full = counts.find(({ _count }) => _count > mostTags);
    if (full !== undefined) throw new AlpharhoError('config_invalid', `device ${full.deviceId}: would have more than ${mostTags} tags`);
    // Who is a target may have changed.
    await raiseChanges(tx, ['fleet', 'updates', ...deviceIds.map((id) => `device:${id}` as const)]);
  });
}

function check(schema: z.ZodType<string>, text: string): string {
  const parsed = schema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new AlpharhoError('config_invalid', `tag ${JSON.stringify(text.slice(0, 60))}: ${parsed.error.issues[0]?.message}`);
}
