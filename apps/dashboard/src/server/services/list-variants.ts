/** @file Use case: which variants the registry knows, and how many devices serve each. */
import type { Database, Variant } from '@alpharho/db';

/** Which rows are listed: one whose file was deleted is history, until a device turns up with it. */
export const listedVariants = { OR: [{ deletedAt: null }, { servedBy: { some: {} } }] };

export type ListedVariant = Variant & { servedBy: number };

/** Smallest first: by cost where it is known, else by file length. */
export async function listVariants(db: Database): Promise<ListedVariant[]> {
  const rows = await db.variant.findMany({
    where: listedVariants,
    include: { _count: { select: { servedBy: true } } },
    orderBy: [{ multiplyAdds: 'asc' }, { bytes: 'asc' }],
  });
  return rows.map(({ _count, ...variant }) => ({ ...variant, servedBy: _count.servedBy }));
}
