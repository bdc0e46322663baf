/** @file REST: the registry of variants. */
import { rm } from 'node:fs/promises';
import type { ReadableStream } from 'node:stream/web';
import type { Variant } from '@alpharho/db';
import { AlpharhoError, sha256Schema, variantLabel } from '@alpharho/protocol';
import { z } from 'zod';
import { readMeasured } from '../measures/read-measured.ts';
import { receiveUpload } from '../registry/receive-upload.ts';
import { listVariants } from '../services/list-variants.ts';
import { deleteVariant, findVariant, offerVariant, retireVariant } from '../services/retire-variant.ts';
import { uploadVariant } from '../services/upload-variant.ts';
import { variantUses } from '../services/variant-uses.ts';
import { toWireVariant } from '../wire-variant.ts';
import { operation } from './operation.ts';
import { apiSchemas } from './schemas.ts';

const params = z.strictObject({ id: sha256Schema });

export const variantOperations = [
  operation({
    method: 'GET',
    path: '/variants',
    id: 'listVariants',
    tag: 'variants',
    summary: 'Variants that the registry knows, the smallest first; retired ones, too',
    answer: apiSchemas.VariantList,
    errors: [],
    run: async ({ db }) => ({ variants: (await listVariants(db)).map((row) => ({ ...toFacts(row), servedBy: row.servedBy })) }),
  }),
  operation({
    method: 'POST',
    path: '/variants',
    id: 'uploadVariant',
    tag: 'variants',
    summary: 'A model file enters the registry: it is checked in a process of its own, brought into the contract, signed',
    form: {
      file: {
        type: 'string',
        contentMediaType: 'application/octet-stream',
        description: 'Variant, TFLite or ONNX classifier; up to 256 MiB',
      },
      options: { type: 'string', contentMediaType: 'application/json', description: 'What the file does not tell, as a JSON object' },
      manifest: { type: 'string', contentMediaType: 'application/json', description: 'The manifest, where it was signed elsewhere' },
    },
    answer: apiSchemas.Uploaded,
    statuses: [200, 201],
    status: ({ known }) => (known ? 200 : 201),
    errors: [
      ...([
        'config_invalid',
        'model_corrupt',
        'model_not_variant',
        'model_unsupported_operator',
        'warmup_failed',
        'check_aborted',
      ] as const),
      ...(['variant_mismatch', 'signature_invalid', 'key_unknown', 'key_retired', 'key_role', 'key_missing', 'rate_limited'] as const),
    ],
    run: async ({ registry, withChecker }, { request }) => {
      const uploaded = await withChecker(async (checker, folder) => {
        const form = { headers: request.headers, body: request.body as ReadableStream | null };
        const { path, ...upload } = await receiveUpload(form, folder);
        try {
          return await uploadVariant(await registry(), checker, { path, ...upload, signal: request.signal });
        } finally {
          await rm(path, { force: true });
        }
      });
      if (uploaded === undefined) throw new AlpharhoError('rate_limited', 'other files are being checked; try again in a minute');
      const { variant, known, notes } = uploaded;
      return { v: 1 as const, id: variant.id, name: nameOf(variant), known, notes };
    },
  }),
  operation({
    method: 'GET',
    path: '/variants/{id}',
    id: 'readVariant',
    tag: 'variants',
    summary: 'One variant: facts, labels, what the fleet measured, where it is in use',
    params,
    answer: apiSchemas.VariantDetail,
    errors: ['variant_unknown'],
    run: async ({ db, now }, { params: { id } }) => {
      const row = await findVariant({ db }, id);
      const [measured, uses] = await Promise.all([readMeasured(db, { variantIds: [id], now: now().getTime() }), variantUses(db, id)]);
      return { ...toFacts(row), labels: row.labels === null ? null : JSON.parse(row.labels), measured, uses };
    },
  }),
  operation({
    method: 'POST',
    path: '/variants/{id}/retire',
    id: 'retireVariant',
    tag: 'variants',
    summary: 'Offer a variant no longer; devices that serve it go on',
    params,
    answer: apiSchemas.Variant,
    errors: ['variant_unknown'],
    run: async ({ db, now }, { params: { id } }) => toFacts(await retireVariant({ db }, id, now())),
  }),
  operation({
    method: 'POST',
    path: '/variants/{id}/offer',
    id: 'offerVariant',
    tag: 'variants',
    summary: 'Offer a retired variant again',
    params,
    answer: apiSchemas.Variant,
    errors: ['variant_unknown'],
    run: async ({ db, now }, { params: { id } }) => toFacts(await offerVariant({ db }, id, now())),
  }),
  operation({
    method: 'DELETE',
    path: '/variants/{id}',
    id: 'deleteVariant',
    tag: 'variants',
    summary: 'Delete the file of a variant that nothing uses',
    params,
    answer: apiSchemas.Deleted,
    errors: ['variant_unknown', 'variant_in_use'],
    run: async ({ registry, now }, { params: { id } }) => {
      await deleteVariant(await registry(), id, now());
      return { deleted: id };
    },
  }),
];

function nameOf(row: Variant): string {
  return variantLabel(toWireVariant(row));
}

function toFacts(row: Variant) {
  const { id, family, alpha, rho, precision, classes, weights, bytes, multiplyAdds, parameters, top1, top5, accuracySource } = row;
  const { provenance, licence, stored, keyId } = row;
  return {
    ...{ id, name: nameOf(row), family, alpha, rho, rhos: row.rhos === null ? null : (JSON.parse(row.rhos) as number[]) },
    ...{ precision, classes, weights, bytes, multiplyAdds, parameters, top1, top5, accuracySource, provenance, licence, stored },
    addedAt: row.addedAt?.getTime() ?? null,
    retiredAt: row.retiredAt?.getTime() ?? null,
    keyId,
  };
}
