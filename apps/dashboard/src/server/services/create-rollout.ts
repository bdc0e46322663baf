/** @file Use case: an operator writes a rollout down. No device knows of it before it is started. */
import { randomUUID } from 'node:crypto';
import type { Database, Rollout } from '@alpharho/db';
import { AlpharhoError, parseRolloutSpec, type RolloutSpec } from '@alpharho/protocol';
import type { Transaction } from '../rollouts/store/write.ts';
import { parseTargetQuery } from '../rollouts/target-query.ts';
import { raiseChanges } from './raise-changes.ts';

export type CreateRequest = {
  /** As packages/protocol's rolloutSpecSchema takes it. */
  spec: unknown;
  /** The name of a declaration in a file: the same one again is the same rollout. */
  key?: string | undefined;
};

export type CreatedRollout = { id: string; name: string; state: string; created: boolean };

const over = ['completed', 'aborted', 'rolled_back'];

/**
 * A declaration that was changed replaces its draft, or begins anew where its rollout is over.
 * @throws AlpharhoError rollout_invalid | target_query_invalid | rollout_conflict (the declaration was changed while its rollout runs)
 */
export async function createRollout(db: Database, request: CreateRequest, now: Date): Promise<CreatedRollout> {
  return db.$transaction((tx) => writeDraft(tx, request, now));
}

/** As {@link createRollout}, as a part of more. */
export async function writeDraft(tx: Transaction, { spec: input, key }: CreateRequest, now: Date): Promise<CreatedRollout> {
  const spec = parseRolloutSpec(input);
  if (spec.targets.where !== undefined) parseTargetQuery(spec.targets.where);
  const known = key === undefined ? null : await tx.rollout.findUnique({ where: { key } });
  const json = JSON.stringify(spec);
  if (known !== null && known.spec === json) return answer(known, false);
  if (known !== null && known.state !== 'draft' && !over.includes(known.state)) {
    const advice = 'abort it, or give the declaration another name';
    throw new AlpharhoError(
      'rollout_conflict',
      `rollout ${JSON.stringify(known.name)}: is ${known.state} as it was declared before; ${advice}`,
    );
  }
  if (known?.state === 'draft') await tx.rollout.delete({ where: { id: known.id } });
  else if (known !== null) await tx.rollout.update({ where: { id: known.id }, data: { key: null } });
  const id = randomUUID();
  const data = { id, key: key ?? null, name: spec.name ?? (await nameFor(tx, spec)), createdAt: now, stateAt: now, spec: json };
  const row = await tx.rollout.create({ data });
  await tx.rolloutEvent.create({ data: { rolloutId: id, at: now, kind: 'draft', message: 'Written down' } });
  await raiseChanges(tx, ['rollouts', `rollout:${id}`]);
  return answer(row, true);
}

function answer({ id, name, state }: Pick<Rollout, 'id' | 'name' | 'state'>, created: boolean): CreatedRollout {
  return { id, name, state, created };
}

async function nameFor(tx: Pick<Database, 'rollout'>, { targets }: RolloutSpec): Promise<string> {
  const number = (await tx.rollout.count()) + 1;
  const where = targets.where ?? `${targets.ids?.length ?? 0} devices`;
  return `Rollout ${number}: ${where.length > 50 ? `${where.slice(0, 49)}…` : where}`;
}
