/** @file The browser's doors to "offer this variant no longer", "offer it again", "delete its file". */
'use server';
import { isAlpharhoError, sha256Schema } from '@alpharho/protocol';
import { z } from 'zod';
import { logger, registry } from '../queries/process-state.ts';
import { deleteVariant, offerVariant, retireVariant } from '../services/retire-variant.ts';

const requestSchema = z.object({ variantId: sha256Schema, change: z.enum(['retire', 'offer', 'delete']) });

const changes = { retire: retireVariant, offer: offerVariant, delete: deleteVariant } as const;

export type RegistryOutcome = { ok: true } | { ok: false; message: string };

/** @param input anything: it comes from a browser. */
export async function changeRegistry(input: unknown): Promise<RegistryOutcome> {
  const request = requestSchema.safeParse(input);
  if (!request.success) return { ok: false, message: `Not done: ${request.error.issues[0]?.message ?? 'the request is not complete'}.` };
  try {
    await changes[request.data.change](await registry(), request.data.variantId, new Date());
    return { ok: true };
  } catch (error) {
    if (isAlpharhoError(error)) return { ok: false, message: `Not done: ${error.message}.` };
    logger().error({ err: error, request: request.data }, 'changing the registry failed');
    return { ok: false, message: 'Not done: the database did not take it. Nothing was changed; try again.' };
  }
}
