/** @file Use case: which rollout a person means, who names it by the first digits of its id, or by its name. */
import type { Database } from '@alpharho/db';
import { AlpharhoError } from '@alpharho/protocol';

const shortestId = 4;

/** @returns its id. @throws AlpharhoError rollout_unknown, also where several are meant */
export async function findRollout(db: Pick<Database, 'rollout'>, given: string): Promise<string> {
  const or: object[] = [{ key: given }, { name: given }];
  if (/^[0-9a-f-]+$/.test(given) && given.length >= shortestId) or.push({ id: { startsWith: given } });
  const found = await db.rollout.findMany({ where: { OR: or }, select: { id: true, key: true }, orderBy: { createdAt: 'desc' }, take: 50 });
  const [only, another] = found;
  const named = JSON.stringify(given.slice(0, 80));
  if (only === undefined) throw new AlpharhoError('rollout_unknown', `rollout ${named}: there is none of this id or name`);
  if (another === undefined) return only.id;
  // Of the rollouts that one declared file has made, it is the latest.
  const declared = found.find(({ key }) => key === given) ?? found.find(({ id }) => id === given);
  if (declared !== undefined) return declared.id;
  throw new AlpharhoError('rollout_unknown', `rollout ${named}: several are meant (${found.map(({ id }) => id.slice(0, 8)).join(', ')})`);
}
