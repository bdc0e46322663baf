/** @file Rule: which variants devices may be given. */
import type { Variant } from '@alpharho/db';
import { AlpharhoError } from '@alpharho/protocol';

type Facts = Pick<Variant, 'id' | 'stored' | 'retiredAt' | 'manifest'>;

/**
 * @param variant undefined or null where the registry has none of this id
 * @throws AlpharhoError model_missing | variant_retired | variant_unsigned
 */
export function offered<T extends Facts>(variant: T | null | undefined, id: string): T {
  const name = `variant ${id.slice(0, 12)}`;
  if (!variant?.stored) throw new AlpharhoError('model_missing', `${name}: its file is not in the registry; add it first`);
  if (variant.retiredAt !== null) throw new AlpharhoError('variant_retired', `${name}: is retired; offer it again, or choose another one`);
  if (variant.manifest === null) {
    const advice = 'sign it with "alpharho variants sign", and add it with its manifest';
    throw new AlpharhoError('variant_unsigned', `${name}: has no signed manifest, so that devices would refuse it; ${advice}`);
  }
  return variant;
}
