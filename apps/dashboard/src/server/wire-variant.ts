/** @file A registry row as the wire speaks of variants, and back. */
import type { Prisma, Variant as VariantRow } from '@alpharho/db';
import { type Variant, variantSchema } from '@alpharho/protocol';

/** @throws ZodError where the row holds what the wire has no word for: a fault of this program, since rows are made from wire values. */
export function toWireVariant(row: VariantRow): Variant {
  return variantSchema.parse({
    sha256: row.id,
    bytes: row.bytes,
    family: row.family,
    alpha: row.alpha,
    rho: row.rho,
    precision: row.precision,
    classes: row.classes,
    weights: row.weights,
    multiplyAdds: row.multiplyAdds ?? undefined,
    parameters: row.parameters ?? undefined,
    accuracy: row.top1 === null ? undefined : { top1: row.top1, top5: row.top5 ?? undefined, source: row.accuracySource ?? '' },
    provenance: row.provenance ?? undefined,
    licence: row.licence ?? undefined,
  });
}

/** The columns that a wire variant fills; null where it is silent, so that a row is wholly what the variant says. */
export function toVariantRow(variant: Variant) {
  return {
    id: variant.sha256,
    family: variant.family,
    alpha: variant.alpha,
    rho: variant.rho,
    precision: variant.precision,
    classes: variant.classes,
    weights: variant.weights,
    bytes: variant.bytes,
    multiplyAdds: variant.multiplyAdds ?? null,
    parameters: variant.parameters ?? null,
    top1: variant.accuracy?.top1 ?? null,
    top5: variant.accuracy?.top5 ?? null,
    accuracySource: variant.accuracy?.source ?? null,
    provenance: variant.provenance ?? null,
    licence: variant.licence ?? null,
  } satisfies Prisma.VariantCreateInput;
}
