/** @file The browser's doors to a rollout: start, pause, resume, approve, advance, abort, roll back, try again. */
'use server';
import { deviceIdSchema, isAlpharhoError } from '@alpharho/protocol';
import { z } from 'zod';
import { database, logger } from '../queries/process-state.ts';
import { launchRollout } from '../services/launch-rollout.ts';
import { startRollout } from '../services/start-rollout.ts';
import { steerings, steerRollout } from '../services/steer-rollout.ts';

const idSchema = z.string().min(1).max(64);
const steeringSchema = z.object({
  id: idSchema,
  type: z.enum([...steerings, 'start']),
  phase: z.number().int().min(0).max(1000).optional(),
  device: deviceIdSchema.optional(),
});

export type SteerOutcome =
  | { ok: true /** What there is to say where nothing had to be done. */; note: string | null }
  | { ok: false; message: string };
export type LaunchOutcome = { ok: true; id: string } | { ok: false; message: string };

/** @param input anything: it comes from a browser. */
export async function steer(input: unknown): Promise<SteerOutcome> {
  const request = steeringSchema.safeParse(input);
  if (!request.success) return { ok: false, message: `Not done: ${request.error.issues[0]?.message ?? 'the request is not complete'}.` };
  const { id, type, ...more } = request.data;
  try {
    const db = await database();
    const { changed, state } =
      type === 'start' ? await startRollout(db, id, new Date()) : await steerRollout(db, id, { type, ...more }, new Date());
    return { ok: true, note: changed ? null : `Somebody else was faster: the rollout is ${state.replaceAll('_', ' ')} already.` };
  } catch (error) {
    return { ok: false, message: reasonOf(error, 'steering a rollout failed') };
  }
}

/** Writes a rollout down and starts it. @param spec anything: it comes from a browser. */
export async function launch(spec: unknown): Promise<LaunchOutcome> {
  try {
    const db = await database();
    const { id } = await launchRollout(db, { spec }, new Date());
    return { ok: true, id };
  } catch (error) {
    return { ok: false, message: reasonOf(error, 'starting a rollout failed') };
  }
}

function reasonOf(error: unknown, what: string): string {
  if (isAlpharhoError(error)) return `Not done: ${error.message}.`;
  logger().error({ err: error }, what);
  return 'Not done: the database did not take it. Nothing was changed; try again.';
}
