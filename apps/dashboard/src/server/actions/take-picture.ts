/** @file The browser's door to "take a picture". */
'use server';
import { deviceIdSchema, isAlpharhoError } from '@alpharho/protocol';
import { database, logger } from '../queries/process-state.ts';
import { requestSnapshot } from '../services/request-snapshot.ts';

export type PictureOutcome = { ok: true; id: string } | { ok: false; message: string };

/** @param deviceId anything: it comes from a browser. */
export async function takePicture(deviceId: unknown): Promise<PictureOutcome> {
  const id = deviceIdSchema.safeParse(deviceId);
  if (!id.success) return { ok: false, message: `Not asked: ${id.error.issues[0]?.message ?? 'no device was named'}.` };
  try {
    return { ok: true, id: (await requestSnapshot(await database(), id.data, new Date())).id };
  } catch (error) {
    if (isAlpharhoError(error)) return { ok: false, message: `Not asked: ${error.message}.` };
    logger().error({ err: error, device: id.data }, 'asking for a picture failed');
    return { ok: false, message: 'Not asked: the database did not take it. Try again.' };
  }
}
