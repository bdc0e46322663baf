/** @file Use case: a rollout is written down and started in one. Where the start is refused, nothing of it is kept. */
import type { Database } from '@alpharho/db';
import { type CreateRequest, writeDraft } from './create-rollout.ts';
import { startWithin } from './start-rollout.ts';

export type LaunchedRollout = { id: string; name: string; state: string /** False: the declaration is so already. */; changed: boolean };

/**
 * The same declaration again changes nothing, whatever has become of its rollout.
 * @throws AlpharhoError as createRollout and startRollout
 */
export async function launchRollout(db: Database, request: CreateRequest, now: Date): Promise<LaunchedRollout> {
  return db.$transaction(async (tx) => {
    const { id, name, state } = await writeDraft(tx, request, now);
    return state === 'draft' ? { id, name, ...(await startWithin(tx, id, now)) } : { id, name, state, changed: false };
  });
}
