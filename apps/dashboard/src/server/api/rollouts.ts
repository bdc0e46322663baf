/** @file REST: rollouts. */
import { AlpharhoError, maxRolloutSpecBytes, type RolloutState } from '@alpharho/protocol';
import { z } from 'zod';
import { previewRollout } from '../rollouts/store/preview.ts';
import { listRollouts, type RolloutDetail, readRollout, readRolloutEvents } from '../rollouts/store/read.ts';
import { createRollout } from '../services/create-rollout.ts';
import { launchRollout } from '../services/launch-rollout.ts';
import { planForGoal } from '../services/plan-for-goal.ts';
import { startRollout } from '../services/start-rollout.ts';
import { steerRollout } from '../services/steer-rollout.ts';
import { type ApiContext, operation } from './operation.ts';
import { apiSchemas } from './schemas.ts';

const params = z.strictObject({ id: z.string().min(1).max(64) });
const small = 4 * 1024;
/** With which a spec may be refused. */
const ofSpec = ['target_query_invalid', 'device_unknown', 'model_missing', 'variant_retired', 'variant_unsigned'] as const;

export const rolloutOperations = [
  operation({
    method: 'GET',
    path: '/rollouts',
    id: 'listRollouts',
    tag: 'rollouts',
    summary: 'Rollouts, the newest first',
    answer: apiSchemas.RolloutList,
    errors: [],
    run: async ({ db }) => ({ rollouts: await listRollouts(db) }),
  }),
  operation({
    method: 'POST',
    path: '/rollouts',
    id: 'createRollout',
    tag: 'rollouts',
    summary: 'Write a rollout down, and start it where `start` says so',
    body: { schema: apiSchemas.RolloutCreation, maxBytes: maxRolloutSpecBytes },
    answer: apiSchemas.RolloutCreated,
    statuses: [200, 201],
    status: ({ changed }) => (changed ? 201 : 200),
    errors: [...ofSpec, 'rollout_conflict', 'rollout_no_targets'],
    run: async ({ db, now }, { body: { spec, key, start } }) => {
      if (start) return withState(await launchRollout(db, { spec, key }, now()));
      const { id, name, state, created } = await createRollout(db, { spec, key }, now());
      return withState({ id, name, state, changed: created });
    },
  }),
  operation({
    method: 'POST',
    path: '/rollouts/preview',
    id: 'previewRollout',
    tag: 'rollouts',
    summary: 'What a rollout would do if it were started now',
    body: { schema: apiSchemas.RolloutSpec, maxBytes: maxRolloutSpecBytes },
    answer: apiSchemas.RolloutPreview,
    errors: ofSpec,
    run: ({ db, now }, { body }) => previewRollout(db, body, now().getTime()),
  }),
  operation({
    method: 'POST',
    path: '/rollouts/plan',
    id: 'planRollout',
    tag: 'rollouts',
    summary: 'Which variant each hardware class is to run for a goal, from what the fleet measured',
    body: { schema: apiSchemas.PlanRequest, maxBytes: small },
    answer: apiSchemas.Plan,
    errors: ['target_query_invalid', 'rollout_no_targets'],
    run: ({ db, now }, { body }) => planForGoal(db, body, now()),
  }),
  operation({
    method: 'GET',
    path: '/rollouts/{id}',
    id: 'readRollout',
    tag: 'rollouts',
    summary: 'One rollout with its phases, devices and verdicts',
    params,
    answer: apiSchemas.Rollout,
    errors: ['rollout_unknown'],
    run: (context, { params: { id } }) => theRollout(context, id),
  }),
  operation({
    method: 'GET',
    path: '/rollouts/{id}/verdicts',
    id: 'readVerdicts',
    tag: 'rollouts',
    summary: 'What its gates have said, the latest first',
    params,
    answer: apiSchemas.RolloutVerdicts,
    errors: ['rollout_unknown'],
    run: async (context, { params: { id } }) => ({ verdicts: (await theRollout(context, id)).verdicts }),
  }),
  operation({
    method: 'GET',
    path: '/rollouts/{id}/events',
    id: 'readRolloutEvents',
    tag: 'rollouts',
    summary: 'What has happened to it, the newest first',
    params,
    query: z.strictObject({ before: z.coerce.number().int().min(1).describe('The id of the oldest that you have').optional() }),
    answer: apiSchemas.RolloutEvents,
    errors: ['rollout_unknown'],
    run: async (context, { params: { id }, query: { before } }) => {
      await theRollout(context, id);
      return { events: await readRolloutEvents(context.db, id, before === undefined ? {} : { before }) };
    },
  }),
  operation({
    method: 'POST',
    path: '/rollouts/{id}/actions',
    id: 'steerRollout',
    tag: 'rollouts',
    summary: 'Start, pause, resume, approve, skip, abort, roll back or retry; saying it twice is saying it once',
    params,
    body: { schema: apiSchemas.RolloutAction, maxBytes: small },
    answer: apiSchemas.RolloutMoved,
    errors: [...ofSpec, 'rollout_unknown', 'rollout_conflict', 'rollout_no_targets'],
    run: async ({ db, now }, { params: { id }, body: { type, ...more } }) => {
      const { state, changed } = await (type === 'start' ? startRollout(db, id, now()) : steerRollout(db, id, { type, ...more }, now()));
      return withState({ state, changed });
    },
  }),
];

async function theRollout({ db, now }: ApiContext, id: string): Promise<RolloutDetail> {
  const rollout = await readRollout(db, id, now().getTime());
  if (rollout === null) throw new AlpharhoError('rollout_unknown', `rollout ${id}: there is none; check its id`);
  return rollout;
}

/** Rows hold the machine's own words. */
function withState<T extends { state: string }>(moved: T): T & { state: RolloutState } {
  return moved as T & { state: RolloutState };
}
