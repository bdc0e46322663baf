/** @file The change feed's writing side: part of every transaction that touches something a page or a loop shows. */
import type { Database, Prisma } from '@alpharho/db';

/**
 * - `fleet`: any device's line; `device:<id>`: one device's page; `updates`: what a device reported, or whether it is there
 * - `variants`: the list of variants
 * - `rollouts`: any rollout's line; `rollout:<id>`: one rollout's page
 * - `intent`: what a device is to be; `keys`: the set of keys that devices trust; `request`: something that a device is asked for once
 */
export type ChangeTopic =
  | 'fleet'
  | 'variants'
  | 'intent'
  | 'keys'
  | 'request'
  | 'updates'
  | 'rollouts'
  | `device:${string}`
  | `rollout:${string}`;

/** Raises the revisions of `topics`. Put it last in the transaction whose change it tells. */
export function raiseChanges(db: Pick<Database, '$executeRaw'>, topics: readonly ChangeTopic[]): Prisma.PrismaPromise<number> {
  return db.$executeRaw`
    INSERT INTO Change (topic, revision) SELECT value, 1 FROM json_each(${JSON.stringify(topics)}) WHERE true
    ON CONFLICT (topic) DO UPDATE SET revision = revision + 1`;
}
