/** @file Use cases: a variant is no longer offered, is offered again, or its file is deleted. Variants themselves never change. */
import type { Variant } from '@alpharho/db';
import { AlpharhoError, variantLabel } from '@alpharho/protocol';
import type { Registry } from '../registry.ts';
import { toWireVariant } from '../wire-variant.ts';
import { raiseChanges } from './raise-changes.ts';
import { tell } from './store-variant.ts';
import { type VariantUse, variantUses } from './variant-uses.ts';

type Rows = Pick<Registry, 'db'>;

/** Devices that a refusal names; of the rest it says how many. */
const namedUses = 5;

/**
 * Devices that serve it go on; no other gets it. Retiring it twice changes nothing.
 * @throws AlpharhoError variant_unknown
 */
export async function retireVariant({ db }: Rows, id: string, now: Date): Promise<Variant> {
  const variant = await known({ db }, id);
  if (variant.retiredAt !== null) return variant;
  return db.$transaction(async (tx) => {
    const retired = await tx.variant.update({ where: { id }, data: { retiredAt: now } });
    await tell(tx, id, now, 'retired', 'Retired: given to no further device');
    await raiseChanges(tx, ['variants', 'fleet']);
    return retired;
  });
}

/** Takes a retirement back. @throws AlpharhoError variant_unknown */
export async function offerVariant({ db }: Rows, id: string, now: Date): Promise<Variant> {
  const variant = await known({ db }, id);
  if (variant.retiredAt === null) return variant;
  return db.$transaction(async (tx) => {
    const offered = await tx.variant.update({ where: { id }, data: { retiredAt: null } });
    await tell(tx, id, now, 'offered', 'Offered again');
    await raiseChanges(tx, ['variants', 'fleet']);
    return offered;
  });
}

/**
 * Deletes its file. The row stays, so that history keeps its name; the same file may be added again.
 * @throws AlpharhoError variant_unknown | variant_in_use, naming the devices
 */
export async function deleteVariant({ db, blobs }: Pick<Registry, 'db' | 'blobs'>, id: string, now: Date): Promise<void> {
  const variant = await known({ db }, id);
  if (!variant.stored) throw new AlpharhoError('variant_unknown', `${nameOf(variant)}: the registry does not hold its file`);
  await db.$transaction(async (tx) => {
    const uses = await variantUses(tx, id);
    if (uses.length > 0) throw new AlpharhoError('variant_in_use', `${nameOf(variant)} is in use: ${usesInWords(uses)}`);
    const gone = { stored: false, manifest: null, keyId: null, signedAt: null, deletedAt: now };
    await tx.variant.update({ where: { id }, data: gone });
    await tell(tx, id, now, 'deleted', 'Its file was deleted');
    await raiseChanges(tx, ['variants', 'fleet']);
  });
  await blobs.remove(id);
}

/**
 * @param given the whole SHA-256, or enough of its beginning to be the only one
 * @throws AlpharhoError variant_unknown
 */
export async function findVariant({ db }: Rows, given: string): Promise<Variant> {
  if (!/^[0-9a-f]{6,64}$/.test(given)) {
    const words = 'a variant is named by the first 6 or more digits of its SHA-256, as "alpharho variants list" shows them';
    throw new AlpharhoError('variant_unknown', `${JSON.stringify(given.slice(0, 80))}: ${words}`);
  }
  const [variant, another] = await db.variant.findMany({ where: { id: { startsWith: given } }, take: 2 });
  if (variant === undefined) throw new AlpharhoError('variant_unknown', `the registry has no variant ${given.slice(0, 12)}`);
  if (another !== undefined) throw new AlpharhoError('variant_unknown', `several variants begin with ${given}: give more digits`);
  return variant;
}

export function usesInWords(uses: readonly VariantUse[]): string {
  const named = uses.slice(0, namedUses).map(({ deviceId, how }) => `${deviceId} ${how}`);
  const more = uses.length - named.length;
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join('; ');
}

function nameOf(variant: Variant): string {
  return `variant ${variant.id.slice(0, 12)} (${variantLabel(toWireVariant(variant))})`;
}

async function known({ db }: Rows, id: string): Promise<Variant> {
  const variant = await db.variant.findUnique({ where: { id } });
  if (variant === null) throw new AlpharhoError('variant_unknown', `the registry has no variant ${id.slice(0, 12)}`);
  return variant;
}
