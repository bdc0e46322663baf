/** @file The browser's door to "give these devices this variant". */
'use server';
import { deviceIdSchema, isAlpharhoError, sha256Schema } from '@alpharho/protocol';
import { z } from 'zod';
import { plural } from '@/lib/format.ts';
import { database, logger } from '../queries/process-state.ts';
import { assignVariant } from '../services/assign-variant.ts';

/** Devices at a time: beyond this the way is a rollout, not a list. */
const mostDevices = 1000;

const requestSchema = z.object({
  deviceIds: z.array(deviceIdSchema).min(1, 'choose a device').max(mostDevices, `at most ${mostDevices} devices at a time`),
  variantId: sha256Schema,
});

export type AssignOutcome = { ok: true; message: string } | { ok: false; message: string };

/** @param input anything: it comes from a browser. */
export async function giveVariant(input: unknown): Promise<AssignOutcome> {
  const request = requestSchema.safeParse(input);
  if (!request.success) return { ok: false, message: `Not done: ${request.error.issues[0]?.message ?? 'the request is not complete'}.` };
  try {
    const { assigned, unchanged } = await assignVariant(await database(), request.data);
    if (assigned.length === 0)
      return { ok: true, message: `Nothing to do: ${plural(unchanged.length, 'device')} already there or on the way.` };
    return { ok: true, message: `${plural(assigned.length, 'device')} told to change.` };
  } catch (error) {
    if (isAlpharhoError(error)) return { ok: false, message: `Not done: ${error.message}.` };
    logger().error({ err: error, request: request.data }, 'assigning a variant failed');
    return { ok: false, message: 'Not done: the database did not take it. Nothing was changed; try again.' };
  }
}
