/** @file The OpenAPI document of REST, made from the table of operations and their schemas. Nothing in it is written twice. */
import { errorCodes } from '@alpharho/protocol';
import { z } from 'zod';
import type { Operation } from './operation.ts';
import { apiRoot, operations } from './operations.ts';
import { apiSchemas } from './schemas.ts';
import { statuses } from './statuses.ts';

type Json = { [key: string]: unknown };

const description = `The same use cases as the pages and the command line.

- Bodies and answers are JSON in UTF-8; times are milliseconds since 1970. An answer may gain fields.
- What is refused is answered with \`error\` (a stable code), \`message\` and \`remedy\`; \`x-error-codes\` lists them all.
- There is no sign-in yet: as long as ALPHARHO_HOST is this machine's own, only requests to its own names are answered. Writes that a browser makes for a page of another site are refused.
- A device can be in one live rollout only. Saying the same word to a rollout twice changes nothing, and is no error.`;

/** @returns a new document; its content depends on the source alone. */
export function openApiDocument(): Json {
  return {
    openapi: '3.1.1',
    info: {
      title: 'Alpharho',
      version: '1.0.0',
      description,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: apiRoot, description: 'On the port of the dashboard' }],
    tags: [{ name: 'devices' }, { name: 'variants' }, { name: 'rollouts' }],
    paths: paths(),
    components: { schemas: schemas() },
    'x-error-codes': errorCodes,
  };
}

function paths(): Json {
  const found: { [path: string]: Json } = {};
  for (const operation of operations) {
    found[operation.path] = { ...found[operation.path], [operation.method.toLowerCase()]: describe(operation) };
  }
  return found;
}

function describe(operation: Operation): Json {
  const { id, tag, summary, params, query, answer, statuses: good = [200] } = operation;
  const parameters = [...parametersOf('path', params), ...parametersOf('query', query)];
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...bodyOf(operation),
    responses: {
      ...Object.fromEntries(
        good.map((status) => [status, { description: status === 201 ? 'It is new' : 'Done', content: json(refTo(answer)) }]),
      ),
      ...refusals(operation),
    },
  };
}

function parametersOf(place: 'path' | 'query', schema: z.ZodObject | undefined): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' });
  return Object.entries(properties).map(([name, each]) => ({ name, in: place, required: required.includes(name), schema: each }));
}

function bodyOf({ body, form }: Operation): Json {
  if (body !== undefined) return { requestBody: { required: true, content: json(refTo(body.schema)), 'x-max-bytes': body.maxBytes } };
  if (form === undefined) return {};
  const schema = { type: 'object', properties: form, required: ['file'] };
  return { requestBody: { required: true, content: { 'multipart/form-data': { schema } } } };
}

/** By status, with the codes that come with it. */
function refusals({ errors, body, form, params, query }: Operation): Json {
  const always = body || form ? (['payload_invalid', 'payload_not_json', 'payload_too_large'] as const) : (['payload_invalid'] as const);
  const codes = new Set([...(body || form || params || query ? always : []), ...errors, 'internal' as const]);
  const byStatus = new Map<number, string[]>();
  for (const code of codes) {
    const status = statuses[code] ?? 500;
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, names]) => [status, { description: names.join(', '), content: json(refTo(apiSchemas.Error)) }]),
  );
}

function json(schema: Json): Json {
  return { 'application/json': { schema } };
}

const refs = (id: string) => `#/components/schemas/${id}`;

function refTo(schema: z.ZodType): Json {
  const found = Object.entries(apiSchemas).find(([, each]) => each === schema);
  if (found === undefined) throw new Error('a schema of an operation is not in the list');
  return { $ref: refs(found[0]) };
}

function schemas(): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(apiSchemas)) registry.add(schema, { id });
  const made = z.toJSONSchema(registry, { io: 'input', uri: refs });
  return Object.fromEntries(Object.entries(made.schemas).map(([id, { $schema: _, $id: _id, ...schema }]) => [id, schema]));
}
