/** @file What the rollout pages read. */
import 'server-only';
import { previewRollout, type RolloutPreview } from '../rollouts/store/preview.ts';
import {
  listRollouts,
  type RolloutDetail,
  type RolloutEventFacts,
  type RolloutLine,
  readRollout,
  readRolloutEvents,
} from '../rollouts/store/read.ts';
import { database } from './process-state.ts';

export async function loadRollouts(): Promise<RolloutLine[]> {
  return listRollouts(await database());
}

/** @returns null where there is none. */
export async function loadRollout(id: string): Promise<RolloutDetail | null> {
  return readRollout(await database(), id, Date.now());
}

/** The newest first. @param before the id of the oldest that the reader has */
export async function loadRolloutEvents(id: string, before?: number): Promise<RolloutEventFacts[]> {
  return readRolloutEvents(await database(), id, before === undefined ? {} : { before });
}

/** @throws AlpharhoError what is wrong with the spec, its query or its variants */
export async function loadRolloutPreview(spec: unknown): Promise<RolloutPreview> {
  return previewRollout(await database(), spec, Date.now());
}
