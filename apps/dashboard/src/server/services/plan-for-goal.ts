/** @file Use case: which variant each hardware class among the targets is to run for a goal, before anything is started. */
import type { Database } from '@alpharho/db';
import { AlpharhoError } from '@alpharho/protocol';
import type { Goal, Plan } from '../rollouts/planner/input.ts';
import { planVariants } from '../rollouts/planner/plan-variants.ts';
import { readPlanFacts } from '../rollouts/planner/read-plan-facts.ts';
import { listDevices } from './list-devices.ts';

export type GoalPlan = Plan & { /** Devices that have not said yet what they are: nothing is planned for them. */ unclassed: string[] };

/** @param where a target query. @throws AlpharhoError target_query_invalid | rollout_no_targets */
export async function planForGoal(db: Database, { goal, where }: { goal: Goal; where: string }, now: Date): Promise<GoalPlan> {
  const devices = await listDevices(db, where);
  if (devices.length === 0) throw new AlpharhoError('rollout_no_targets', `no device matches ${where.slice(0, 200)}; change the query`);
  const facts = await readPlanFacts(db, { deviceIds: devices.map(({ id }) => id), now: now.getTime() });
  const { classes, candidates, figures, unclassed } = facts;
  return { ...planVariants(goal, classes, candidates, figures), unclassed };
}
