/** @file REST over a real database: what each address answers, what it refuses, and what docs/api/openapi.json says of it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCodes } from '@alpharho/protocol';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handle } from '../src/server/api/handle.ts';
import { openApiDocument } from '../src/server/api/openapi.ts';
import { operations } from '../src/server/api/operations.ts';
import { apiSchemas } from '../src/server/api/schemas.ts';
import { Checker } from '../src/server/registry/checker.ts';
import { openRegistry } from '../src/server/registry.ts';
import { variantFile } from './support/files.ts';
import { createSmallFleet, type SmallFleet } from './support/small-fleet.ts';

let fleet: SmallFleet;
let uploads: number;
const now = new Date(1_800_000_000_000);
const faults: unknown[] = [];

beforeEach(() => {
  uploads = 1;
  faults.length = 0;
});

async function open(): Promise<void> {
  fleet = await createSmallFleet();
}
const close = () => fleet.close();

type Answer = { status: number; body: Record<string, unknown> };

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const request = new Request(`http://localhost:3000/api/v1${path}`, {
    method,
    headers: { host: 'localhost:3000', ...headers },
    ...(body !== undefined && { body: body instanceof FormData || typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const response = await handle(request, {
    context: async () => ({
      db: fleet.db,
      registry: () => openRegistry(fleet.db, { dataDir: fleet.folder }),
      withChecker: async (work) => {
        const folder = join(fleet.folder, 'uploads');
        return uploads === 0 ? undefined : work(new Checker(folder), folder);
      },
      now: () => now,
    }),
    local: true,
    databaseFault: () => undefined,
    logger: { error: ({ err }: { err?: unknown }) => void faults.push(err) },
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** The answer, held to the schema that the document promises. */
async function promised(schema: keyof typeof apiSchemas, ...request: Parameters<typeof ask>): Promise<Answer> {
  const answer = await ask(...request);
  expect(faults).toEqual([]);
  const parsed = apiSchemas[schema].safeParse(answer.body);
  expect(parsed.error?.issues ?? [], JSON.stringify(answer.body)).toEqual([]);
  return answer;
}

const spec = (more: object = {}) => ({ variant: fleet.next, targets: { where: 'id=*' }, ...more });

describe('devices', () => {
  beforeEach(open);
  afterEach(close);

  it('are listed, found by query, shown and tagged', async () => {
    const change = { deviceIds: ['cam-1'], set: { site: 'quay' } };
    expect((await promised('Tagged', 'POST', '/devices/tags', change)).body).toEqual({ tagged: 1 });
    const { body } = await promised('DeviceList', 'GET', '/devices?where=site%3Dquay');
    expect(body.devices).toMatchObject([{ id: 'cam-1', tags: { site: 'quay' }, serving: { id: fleet.old } }]);
    expect((await promised('Device', 'GET', '/devices/orin-1')).body).toMatchObject({ hardwareClass: 'Orin', online: true });
  });
});

describe('variants', () => {
  beforeEach(open);
  afterEach(close);

  it('are listed, shown, retired, offered again, and deleted where nothing uses them', async () => {
    expect((await promised('VariantList', 'GET', '/variants')).body.variants).toHaveLength(2);
    const path = `/variants/${fleet.next}`;
    expect((await promised('VariantDetail', 'GET', path)).body).toMatchObject({ uses: [{ deviceId: 'cam-4', how: 'serves it' }] });
    expect((await promised('Variant', 'POST', `${path}/retire`)).body).toMatchObject({ retiredAt: now.getTime() });
    expect((await promised('Variant', 'POST', `${path}/offer`)).body).toMatchObject({ retiredAt: null });
    expect(await ask('DELETE', path)).toMatchObject({ status: 409, body: { error: 'variant_in_use' } });
    await fleet.db.device.updateMany({ where: { id: 'cam-4' }, data: { servingId: null } });
    expect((await promised('Deleted', 'DELETE', path)).body).toEqual({ deleted: fleet.next });
  });

  it('are uploaded, and refused with a reason', async () => {
    const form = (bytes: Uint8Array<ArrayBuffer>) => {
      const data = new FormData();
      data.append('file', new Blob([bytes]), 'v.onnx');
      return data;
    };
    const file = new Uint8Array(variantFile(3));
    expect((await promised('Uploaded', 'POST', '/variants', form(file))).status).toBe(201);
    expect(await promised('Uploaded', 'POST', '/variants', form(file))).toMatchObject({ status: 200, body: { known: true } });
    expect(await ask('POST', '/variants', form(Buffer.from('no model')))).toMatchObject({ status: 422, body: { error: 'model_corrupt' } });
    uploads = 0;
    expect(await ask('POST', '/variants', form(file))).toMatchObject({ status: 429, body: { error: 'rate_limited' } });
  });
});

describe('rollouts', () => {
  beforeEach(open);
  afterEach(close);

  it('are previewed, made, read and steered', async () => {
    const preview = await promised('RolloutPreview', 'POST', '/rollouts/preview', spec());
    expect(preview.body).toMatchObject({ matched: 6, counts: { ready: 3 } });
    const made = await promised('RolloutCreated', 'POST', '/rollouts', { spec: spec({ name: 'spring' }), key: 'spring', start: true });
    expect(made).toMatchObject({ status: 201, body: { name: 'spring', state: 'running', changed: true } });
    const path = `/rollouts/${made.body.id}`;
    expect((await promised('RolloutList', 'GET', '/rollouts')).body.rollouts).toMatchObject([{ id: made.body.id, key: 'spring' }]);
    expect((await promised('Rollout', 'GET', path)).body).toMatchObject({ state: 'running', counts: { waiting: 3, skipped: 3 } });
    expect((await promised('RolloutVerdicts', 'GET', `${path}/verdicts`)).body).toEqual({ verdicts: [] });
    expect((await promised('RolloutEvents', 'GET', `${path}/events`)).body.events).toMatchObject([{ kind: 'running' }, { kind: 'draft' }]);
    const act = (type: string, more: object = {}) => promised('RolloutMoved', 'POST', `${path}/actions`, { type, ...more });
    expect((await act('pause')).body).toEqual({ state: 'paused', changed: true });
    expect((await act('pause')).body).toEqual({ state: 'paused', changed: false });
    expect(await ask('POST', `${path}/actions`, { type: 'resume', version: 1 })).toMatchObject({ status: 409 });
    expect((await act('abort')).body).toEqual({ state: 'aborted', changed: true });
  });

  it('made twice by one declaration are one, and where the start is refused nothing is kept', async () => {
    const request = { spec: spec({ name: 'spring', phases: [{ percent: 100, soak: '5min' }] }), key: 'spring', start: true };
    const first = await ask('POST', '/rollouts', request);
    expect(await ask('POST', '/rollouts', request)).toEqual({ status: 200, body: { ...first.body, changed: false } });
    const none = { spec: spec({ targets: { where: 'id=small-*' } }), start: true };
    expect(await ask('POST', '/rollouts', none)).toMatchObject({ status: 422, body: { error: 'rollout_no_targets' } });
    expect(await fleet.db.rollout.count()).toBe(1);
    const draft = await ask('POST', '/rollouts', { spec: spec() });
    expect(draft).toMatchObject({ status: 201, body: { state: 'draft' } });
  });

  it('are planned for a goal; a class that cannot meet it is named', async () => {
    const request = { goal: { best: 'accuracy', limits: { p95Ms: 50 } }, where: 'class=Orin' };
    expect((await promised('Plan', 'POST', '/rollouts/plan', request)).body).toMatchObject({ blocking: ['Orin'], variants: {} });
  });
});

describe('the door', () => {
  // Nothing gets through it but what the last ones do.
  beforeAll(open);
  afterAll(close);

  it.each<[string, string, string, unknown, number, string, string]>([
    ['an address that is none', 'GET', '/colours', undefined, 404, 'payload_invalid', '/api/v1/openapi.json'],
    ['another method', 'DELETE', '/devices', undefined, 405, 'payload_invalid', 'GET only'],
    ['a device that is none', 'GET', '/devices/cam-9', undefined, 404, 'device_unknown', 'cam-9'],
    ['a name that no device has', 'GET', '/devices/%20', undefined, 400, 'payload_invalid', 'address: id'],
    ['a broken code in the address', 'GET', '/devices/%zz', undefined, 400, 'payload_invalid', '"%"'],
    ['a word in the query that is none', 'GET', '/devices?colour=red', undefined, 400, 'payload_invalid', 'colour'],
    ['a query where none is taken', 'GET', '/rollouts?a=1', undefined, 400, 'payload_invalid', 'query: nothing is taken here'],
    ['targets that cannot be read', 'GET', '/devices?where=site+quay', undefined, 422, 'target_query_invalid', 'character 5'],
    ['no body', 'POST', '/rollouts', undefined, 400, 'payload_not_json', 'nothing came'],
    ['a body that is no JSON', 'POST', '/rollouts', '{', 400, 'payload_not_json', 'is not JSON'],
    ['a body above the limit', 'POST', '/rollouts/x/actions', `"${'x'.repeat(5000)}"`, 413, 'payload_too_large', '4096'],
    ['a spec without a variant', 'POST', '/rollouts/preview', { targets: { where: 'id=*' } }, 400, 'payload_invalid', 'variant'],
    ['an action that is none', 'POST', '/rollouts/x/actions', { type: 'explode' }, 400, 'payload_invalid', 'body: type'],
    ['an event number that is none', 'GET', '/rollouts/x/events?before=one', undefined, 400, 'payload_invalid', 'query: before'],
    ['a rollout that is none', 'POST', '/rollouts/x/actions', { type: 'pause' }, 404, 'rollout_unknown', 'check its id'],
  ])('refuses %s', async (_, method, path, body, status, error, words) => {
    const answer = await promised('Error', method, path, body);
    expect(answer).toMatchObject({ status, body: { error, message: expect.stringContaining(words) } });
    expect(answer.body.remedy).toBe(errorCodes[error as keyof typeof errorCodes]);
  });

  it('refuses what a page of another site sends, and a name that is not this machine’s', async () => {
    const create = (headers: Record<string, string>) => ask('POST', '/rollouts', { spec: spec() }, headers);
    expect((await create({ origin: 'https://elsewhere.example' })).status).toBe(403);
    expect((await create({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await create({ host: 'rebound.example' })).status).toBe(421);
    expect(await fleet.db.rollout.count()).toBe(0);
    expect((await create({ origin: 'http://localhost:3000', 'sec-fetch-site': 'same-origin' })).status).toBe(201);
  });

  it('tells a fault of the program as one, and keeps its words for the log', async () => {
    await fleet.db.$executeRawUnsafe('DROP TABLE "VariantEvent"');
    const { status, body } = await ask('POST', `/variants/${fleet.next}/retire`);
    expect([status, body.error, JSON.stringify(body).includes('VariantEvent')]).toEqual([500, 'internal', false]);
    expect(faults).toHaveLength(1);
  });
});

describe('docs/api/openapi.json', () => {
  const committed = new URL('../../../docs/api/openapi.json', import.meta.url);

  it('says what the source says', async () => {
    const onDisk: unknown = JSON.parse(await readFile(committed, 'utf8'));
    expect(onDisk, 'the document is out of date; run: npm run openapi -w @alpharho/dashboard').toEqual(
      JSON.parse(JSON.stringify(openApiDocument())),
    );
  });

  it('is valid OpenAPI 3.1, and every reference in it leads somewhere', async () => {
    const validator = new Validator();
    const document = JSON.parse(await readFile(committed, 'utf8'));
    expect(await validator.validate(structuredClone(document))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"/]+)"/g)].map(([, name = '']) => name);
    expect(refs.filter((name) => !(name in document.components.schemas))).toEqual([]);
    expect(
      Object.values<object>(document.paths)
        .flatMap((path) => Object.values(path).map(({ operationId }) => operationId))
        .sort(),
    ).toEqual(operations.map(({ id }) => id).sort());
  });
});
