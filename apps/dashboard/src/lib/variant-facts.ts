/** @file A variant as pages pass it around: plain, named, safe to send to the browser. Pure. */
import { type Family, type Precision, precisionName, variantName } from '@alpharho/protocol';

export type VariantFacts = {
  id: string;
  /** `V1 0.5×160`. */
  name: string;
  family: string;
  alpha: number;
  rho: number;
  /** `f32`, `int8`, `uint8`. */
  precision: string;
  classes: number;
  untrained: boolean;
  bytes: number;
  multiplyAdds: number | null;
  parameters: number | null;
  top1: number | null;
  top5: number | null;
  accuracySource: string | null;
  provenance: string | null;
  licence: string | null;
  /** Every resolution that its file serves, largest first. */
  rhos: number[];
  /** The hub holds the file. */
  stored: boolean;
  /** No longer offered; who serves it goes on. */
  retired: boolean;
  /** The key that signed it. */
  keyId: string | null;
};

export type VariantRow = Omit<VariantFacts, 'name' | 'untrained' | 'rhos' | 'retired'> & {
  weights: string;
  rhos: string | null;
  retiredAt: Date | null;
};

export function toVariantFacts(row: VariantRow): VariantFacts {
  const { weights, ...facts } = row;
  return {
    id: facts.id,
    name: variantName({ family: row.family as Family, alpha: row.alpha, rho: row.rho }),
    family: facts.family,
    alpha: facts.alpha,
    rho: facts.rho,
    precision: precisionName(row.precision as Precision),
    classes: facts.classes,
    untrained: weights === 'random',
    bytes: facts.bytes,
    multiplyAdds: facts.multiplyAdds,
    parameters: facts.parameters,
    top1: facts.top1,
    top5: facts.top5,
    accuracySource: facts.accuracySource,
    provenance: facts.provenance,
    licence: facts.licence,
    rhos: row.rhos === null ? [facts.rho] : (JSON.parse(row.rhos) as number[]),
    stored: facts.stored,
    retired: row.retiredAt !== null,
    keyId: facts.keyId,
  };
}

/** Its page. Enough digits to tell it from any other. */
export function variantHref(id: string): string {
  return `/variants/${id.slice(0, 12)}`;
}

/** Whether devices may be given it. */
export function isOffered({ stored, retired, keyId }: Pick<VariantFacts, 'stored' | 'retired' | 'keyId'>): boolean {
  return stored && !retired && keyId !== null;
}

/** Small to large by multiply-adds; by α and ρ where the cost is not known. */
export function compareVariants(a: VariantFacts, b: VariantFacts): number {
  const cost = (variant: VariantFacts) => variant.multiplyAdds ?? variant.alpha * variant.alpha * variant.rho * variant.rho;
  return cost(a) - cost(b) || a.id.localeCompare(b.id);
}

/** Names for variants that stand side by side: with the precision where two would read the same, by their digest where they are not known. */
export function namesApart(variants: ReadonlyMap<string, VariantFacts>): (id: string) => string {
  const twins = new Set<string>();
  const seen = new Set<string>();
  for (const { name } of variants.values()) (seen.has(name) ? twins : seen).add(name);
  return (id) => {
    const facts = variants.get(id);
    if (facts === undefined) return id.slice(0, 8);
    return twins.has(facts.name) ? `${facts.name} ${facts.precision}` : facts.name;
  };
}
