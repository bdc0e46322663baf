/** @file `POST /v1/variants`: a model file enters the registry. A multipart form: `file`, `options` (JSON) and `manifest` where needed. */
import { rm } from 'node:fs/promises';
import type { ReadableStream } from 'node:stream/web';
import { type ErrorCode, isAlpharhoError, variantLabel } from '@alpharho/protocol';
import { isOwnName, isOwnPage } from '@/lib/request-rules.ts';
import { isLoopback, loadConfig } from '@/server/config.ts';
import { logger, registry, withChecker } from '@/server/queries/process-state.ts';
import { receiveUpload } from '@/server/registry/receive-upload.ts';
import { uploadVariant } from '@/server/services/upload-variant.ts';
import { toWireVariant } from '@/server/wire-variant.ts';

const statuses: Partial<Record<ErrorCode, number>> = {
  payload_invalid: 400,
  payload_not_json: 400,
  config_invalid: 400,
  payload_too_large: 413,
  rate_limited: 429,
  model_corrupt: 422,
  model_not_variant: 422,
  model_unsupported_operator: 422,
  warmup_failed: 422,
  check_aborted: 422,
  variant_mismatch: 422,
  signature_invalid: 422,
  key_unknown: 422,
  key_retired: 422,
  key_role: 422,
  key_missing: 409,
  disk_full: 507,
};

export async function POST(request: Request): Promise<Response> {
  const host = request.headers.get('host');
  if (isLoopback(loadConfig().host) && !isOwnName(host)) return refuse(421, 'config_invalid', 'this dashboard answers to localhost only');
  const [origin, fetchSite] = [request.headers.get('origin'), request.headers.get('sec-fetch-site')];
  if (!isOwnPage({ origin, fetchSite, host })) return refuse(403, 'payload_invalid', 'the request comes from a page of another site');
  try {
    const answer = await withChecker(async (checker, folder) => {
      const form = { headers: request.headers, body: request.body as ReadableStream | null };
      const { path, ...upload } = await receiveUpload(form, folder);
      try {
        return await uploadVariant(await registry(), checker, { path, ...upload, signal: request.signal });
      } finally {
        await rm(path, { force: true });
      }
    });
    if (answer === undefined)
      return refuse(429, 'rate_limited', 'other files are being checked; try again in a minute', { 'Retry-After': '60' });
    const { variant, known, notes } = answer;
    logger().info({ variant: variant.id, known }, 'took in a variant');
    return Response.json({ v: 1, id: variant.id, name: variantLabel(toWireVariant(variant)), known, notes }, { status: known ? 200 : 201 });
  } catch (error) {
    const status = isAlpharhoError(error) ? statuses[error.code] : undefined;
    if (isAlpharhoError(error) && status !== undefined) return refuse(status, error.code, error.message);
    logger().error({ err: error }, 'an upload failed');
    return refuse(500, 'internal', 'the file could not be taken in; the log of the dashboard says why');
  }
}

function refuse(status: number, error: ErrorCode, message: string, headers?: HeadersInit): Response {
  return Response.json({ error, message }, { status, headers });
}
