/** @file What a variant's page reads. */
import 'server-only';
import { isAlpharhoError } from '@alpharho/protocol';
import { toVariantFacts, type VariantFacts } from '@/lib/variant-facts.ts';
import { type MeasuredFigures, readMeasured } from '../measures/read-measured.ts';
import { findVariant } from '../services/retire-variant.ts';
import { type VariantUse, variantUses } from '../services/variant-uses.ts';
import { database } from './process-state.ts';

export type VariantPageFacts = {
  now: number;
  variant: VariantFacts;
  /** Null where only a device knows the file. */
  labels: string[] | null;
  addedAt: number | null;
  signedAt: number | null;
  retiredAt: number | null;
  measured: MeasuredFigures[];
  /** Who would miss it. */
  uses: VariantUse[];
  /** Newest first. */
  events: { id: number; at: number; message: string }[];
};

/** Most lines of history that the page shows. */
const mostEvents = 50;

/** @param digest of its SHA-256 the first digits. @returns null where there is none, or more than one. */
export async function loadVariant(digest: string): Promise<VariantPageFacts | null> {
  const db = await database();
  const now = Date.now();
  const row = await findVariant({ db }, digest).catch((error: unknown) => {
    if (isAlpharhoError(error, 'variant_unknown')) return null;
    throw error;
  });
  if (row === null) return null;
  const [measured, uses, events] = await Promise.all([
    readMeasured(db, { variantIds: [row.id], now }),
    variantUses(db, row.id),
    db.variantEvent.findMany({ where: { variantId: row.id }, orderBy: [{ at: 'desc' }, { id: 'desc' }], take: mostEvents }),
  ]);
  return {
    now,
    variant: toVariantFacts(row),
    labels: row.labels === null ? null : (JSON.parse(row.labels) as string[]),
    addedAt: row.addedAt?.getTime() ?? null,
    signedAt: row.signedAt?.getTime() ?? null,
    retiredAt: row.retiredAt?.getTime() ?? null,
    measured,
    uses,
    events: events.map(({ id, at, message }) => ({ id, at: at.getTime(), message })),
  };
}
