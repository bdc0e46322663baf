/** @file The one door of REST: who may ask, which operation is meant, whether what came fits it, and how it is answered. */
import { AlpharhoError, type ErrorCode, errorCodes, firstIssue, isAlpharhoError } from '@alpharho/protocol';
import type { z } from 'zod';
import { isOwnName, isOwnPage } from '../../lib/request-rules.ts';
import type { ApiContext, Operation } from './operation.ts';
import { apiRoot, operations } from './operations.ts';
import { statuses } from './statuses.ts';

export type Door = {
  /** Opened where a request has come so far. */
  context: () => Promise<ApiContext>;
  /** Only this machine is to reach it. */
  local: boolean;
  /** What the database said, where that is why it failed. */
  databaseFault: (error: unknown) => ErrorCode | undefined;
  logger: { error: (facts: object, message: string) => void };
};

type Input = { params: unknown; query: unknown; body: unknown; request: Request };

/** @returns an answer always: what fails is told as {error, message, remedy}. */
export async function handle(request: Request, door: Door): Promise<Response> {
  try {
    return forbidden(request, door) ?? (await perform(request, door));
  } catch (error) {
    return failed(error, door);
  }
}

function forbidden(request: Request, { local }: Door): Response | undefined {
  const host = request.headers.get('host');
  if (local && !isOwnName(host)) return refuse(421, 'config_invalid', 'this dashboard answers to localhost only');
  const [origin, fetchSite] = [request.headers.get('origin'), request.headers.get('sec-fetch-site')];
  if (request.method === 'GET' || request.method === 'HEAD' || isOwnPage({ origin, fetchSite, host })) return undefined;
  return refuse(403, 'payload_invalid', 'the request comes from a page of another site');
}

async function perform(request: Request, door: Door): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const found = operations.flatMap((operation) => {
    const params = match(operation.path, pathname.slice(apiRoot.length));
    return params === undefined ? [] : [{ operation, params }];
  });
  const meant = found.find(({ operation }) => operation.method === method);
  if (meant === undefined) return nothingThere(method, pathname, found);
  const { operation, params } = meant;
  const input: Input = {
    params: check(operation.params, params, 'address'),
    query: check(operation.query, Object.fromEntries(searchParams), 'query'),
    body: operation.body === undefined ? undefined : check(operation.body.schema, await readJson(request, operation.body.maxBytes), 'body'),
    request,
  };
  const answer = await operation.run(await door.context(), input as never);
  return Response.json(answer, { status: operation.status?.(answer as never) ?? 200, headers: { 'Cache-Control': 'no-store' } });
}

/** @returns what stands in the places of `{…}`; undefined where the address is another one. */
function match(path: string, address: string): Record<string, string> | undefined {
  const [wanted, given] = [path.split('/'), address.replace(/\/$/, '').split('/')];
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, piece] of wanted.entries()) {
    const text = given[index] ?? '';
    if (!piece.startsWith('{')) {
      if (piece !== text) return undefined;
    } else params[piece.slice(1, -1)] = decode(text);
  }
  return params;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new AlpharhoError('payload_invalid', 'the address holds a "%" that is not part of a code', { cause });
  }
}

function nothingThere(method: string, pathname: string, found: readonly { operation: Operation }[]): Response {
  const allowed = [...new Set(found.map(({ operation }) => operation.method))].join(', ');
  const what = `${method} ${pathname.slice(0, 200)}`;
  if (allowed === '') return refuse(404, 'payload_invalid', `${what}: there is no such address; ${apiRoot}/openapi.json lists them`);
  return refuse(405, 'payload_invalid', `${what}: takes ${allowed} only`, { Allow: allowed });
}

/** @param schema what stands there; nothing may, without one. */
function check(schema: z.ZodType | undefined, value: unknown, place: string): unknown {
  if (schema === undefined) {
    const [name] = Object.keys(value as object);
    if (name === undefined) return {};
    throw new AlpharhoError('payload_invalid', `${place}: nothing is taken here, but ${name.slice(0, 40)} was given`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AlpharhoError('payload_invalid', `${place}: ${firstIssue(parsed.error)}`.slice(0, 500));
}

async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new AlpharhoError('payload_too_large', `body: more than ${maxBytes} bytes, the most that is taken`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (cause) {
    throw new AlpharhoError('payload_not_json', bytes === 0 ? 'body: JSON is expected, and nothing came' : 'body: is not JSON', { cause });
  }
}

function failed(error: unknown, { databaseFault, logger }: Door): Response {
  const fault = databaseFault(error);
  if (fault !== undefined) logger.error({ err: error }, 'a request failed at the database');
  if (fault !== undefined) return refuse(statuses[fault] ?? 500, fault, 'the database could not be used; nothing was changed');
  const status = isAlpharhoError(error) ? statuses[error.code] : undefined;
  if (isAlpharhoError(error) && status !== undefined) {
    return refuse(status, error.code, error.message, status === 429 ? { 'Retry-After': '60' } : {});
  }
  logger.error({ err: error }, 'a request failed');
  return refuse(500, 'internal', 'the request could not be carried out; the log of the dashboard says why');
}

function refuse(status: number, error: ErrorCode, message: string, headers: Record<string, string> = {}): Response {
  return Response.json({ error, message, remedy: errorCodes[error] }, { status, headers });
}
