import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EnrolmentRequest, enrolmentAnswerSchema, enrolmentErrorSchema, enrolmentPath } from '@alpharho/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../../test/support/files.ts';
import { BlobStore } from '../server/blob-store.ts';
import { isSignatureOf } from '../server/keys/ed25519.ts';
import { openRegistry } from '../server/registry.ts';
import { makeEnrolmentToken } from '../server/services/enrolment-tokens.ts';
import { EnrolmentDoor } from './enrolment-door.ts';
import { HttpServer } from './http.ts';

const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
const hour = 3_600_000;
let now: number;
let folder: string;
let database: TestDatabase;
let server: HttpServer;
let port: number;

beforeEach(async () => {
  now = 1_800_000_000_000;
  database = await createDatabase();
  folder = await mkdtemp(join(tmpdir(), 'alpharho-enrol-'));
  await open(undefined);
});
afterEach(async () => {
  await server.stop();
  await database.close();
  await rm(folder, { recursive: true });
});

async function open(publicUrl: string | undefined): Promise<void> {
  const enrolment = new EnrolmentDoor({ db: database.db, mqttPort: 1883, publicUrl, logger, clock: () => now });
  server = new HttpServer({ host: '127.0.0.1', port: 0, blobs: new BlobStore(folder), enrolment, logger });
  port = (await server.start()).port;
}

const token = async (options: { name?: string; ttlMs?: number } = {}) =>
  (await makeEnrolmentToken(database.db, options, new Date(now))).token;

function enrolment(fields: Partial<EnrolmentRequest> & { token: string }): EnrolmentRequest {
  const hardware = { model: 'Raspberry Pi 4 Model B Rev 1.4', arch: 'arm64', cores: 4, memoryBytes: 4e9 };
  return { v: 1, agent: { version: '0.1.0' }, hardware, ...fields };
}

async function post(body: unknown, host = `127.0.0.1:${port}`) {
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  return new Promise<{ status: number; body: unknown; retryAfter: string | undefined }>((resolve, reject) => {
    const request = httpRequest({ port, host: '127.0.0.1', path: enrolmentPath, method: 'POST', headers: { host } }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(text), retryAfter: response.headers['retry-after'] }),
      );
    });
    request.on('error', reject);
    request.end(payload);
  });
}

const refusal = async (body: unknown) => {
  const answer = await post(body);
  return [answer.status, enrolmentErrorSchema.parse(answer.body).error];
};

describe('POST /v1/enroll', () => {
  it('hands out the set of keys that the board is to trust from the first', async () => {
    await openRegistry(database.db, { dataDir: folder });
    const { body } = await post(enrolment({ token: await token() }));
    const { keys } = enrolmentAnswerSchema.parse(body);
    const [release] = await database.db.signingKey.findMany({ where: { role: 'release' } });
    const { signature, keyId } = keys?.signatures[0] ?? { signature: '', keyId: '' };
    expect(keyId).toBe(release?.id);
    expect(isSignatureOf('keys', keys?.body ?? '', signature, release?.publicKey ?? '')).toBe(true);
  });

  it('makes a device of a board with a token, and says where it finds everything', async () => {
    const { status, body } = await post(enrolment({ token: await token(), id: 'quay-01' }), `hub.local:${port}`);
    expect(status).toBe(201);
    expect(enrolmentAnswerSchema.parse(body)).toEqual({
      v: 1,
      id: 'quay-01',
      hub: 'mqtt://hub.local:1883',
      modelsUrl: `http://hub.local:${port}`,
    });
    expect(await database.db.device.findUniqueOrThrow({ where: { id: 'quay-01' } })).toMatchObject({
      boardModel: 'Raspberry Pi 4 Model B Rev 1.4',
      cores: 4,
      agentVersion: '0.1.0',
      lastSeenAt: null,
    });
    expect(await database.db.deviceEvent.findMany({ select: { kind: true, deviceId: true } })).toEqual([
      { kind: 'enrolled', deviceId: 'quay-01' },
    ]);
    expect(await database.db.change.findUnique({ where: { topic: 'fleet' } })).not.toBeNull();
  });

  it('names the public address for model files where one is set', async () => {
    await server.stop();
    await open('https://models.example/fleet');
    const { body } = await post(enrolment({ token: await token() }), 'hub.example');
    expect(body).toMatchObject({ hub: 'mqtt://hub.example:1883', modelsUrl: 'https://models.example/fleet' });
  });

  it.each(['a b', 'evil.example/x?', '', '[::1', 'x'.repeat(300)])(
    'falls back to its own address where the Host header is %j',
    async (host) => {
      const { body, status } = await post(enrolment({ token: await token() }), host);
      // Node itself answers 400 to what is no header at all.
      if (status === 201) expect(body).toMatchObject({ hub: 'mqtt://127.0.0.1:1883', modelsUrl: `http://127.0.0.1:${port}` });
    },
  );

  it('lets one in of many that show the same token at the same instant', async () => {
    const shared = await token();
    const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => post(enrolment({ token: shared, id: `board-${index}` }))));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(403)]);
    expect(await database.db.device.count()).toBe(1);
    const [left] = await database.db.enrolmentToken.findMany();
    expect(left).toMatchObject({ usedAt: new Date(now), deviceId: expect.stringMatching(/^board-/) });
  });

  it('keeps nothing of a token but its digest and its name', async () => {
    const secret = await token();
    const [row] = await database.db.enrolmentToken.findMany();
    expect(secret).toMatch(/^alp_/);
    expect(JSON.stringify(row)).not.toContain(secret.slice(12));
  });

  it.each([
    ['a token that nobody made', `alp_${'A'.repeat(32)}`],
    ['the name of a token without its secret', undefined],
  ])('refuses %s', async (_, given) => {
    const wrong = given ?? `${(await token()).slice(0, 12)}${'A'.repeat(24)}`;
    expect(await refusal(enrolment({ token: wrong }))).toEqual([403, 'enrolment_token_unknown']);
    expect(await database.db.device.count()).toBe(0);
  });

  it('refuses a token when its time is over, and one that was used', async () => {
    const short = await token({ ttlMs: hour });
    now += hour;
    expect(await refusal(enrolment({ token: short }))).toEqual([403, 'enrolment_token_expired']);
    const used = await token();
    await post(enrolment({ token: used, id: 'quay-01' }));
    now += 60_000;
    const { body } = await post(enrolment({ token: used, id: 'quay-02' }));
    expect(body).toMatchObject({ error: 'enrolment_token_used', message: expect.stringContaining('by quay-01') });
  });

  it('refuses a name that is taken, and the token can be shown again with another', async () => {
    await database.db.device.create({ data: { id: 'quay-01' } });
    const one = await token();
    expect(await refusal(enrolment({ token: one, id: 'quay-01' }))).toEqual([409, 'device_taken']);
    expect((await post(enrolment({ token: one, id: 'quay-02' }))).body).toMatchObject({ id: 'quay-02' });
  });

  it('gives the name that the operator chose, also to the new board of a device that is known, and no other', async () => {
    await database.db.device.create({ data: { id: 'quay-01', camera: 'kept' } });
    const named = await token({ name: 'quay-01' });
    expect(await refusal(enrolment({ token: named, id: 'quay-02' }))).toEqual([409, 'device_name_differs']);
    expect((await post(enrolment({ token: named, hostname: 'raspberrypi' }))).body).toMatchObject({ id: 'quay-01' });
    expect(await database.db.device.findMany({ select: { id: true, camera: true } })).toEqual([{ id: 'quay-01', camera: 'kept' }]);
  });

  it('tells boards of one image apart', async () => {
    const names: unknown[] = [];
    for (let board = 0; board < 3; board += 1) {
      names.push(((await post(enrolment({ token: await token(), hostname: 'raspberrypi' }))).body as { id: string }).id);
    }
    names.push(((await post(enrolment({ token: await token() }))).body as { id: string }).id);
    expect(names).toEqual(['raspberrypi', 'raspberrypi-2', 'raspberrypi-3', 'device']);
  });

  it.each([
    ['no JSON', 'token=alp', [400, 'payload_not_json']],
    ['another version', { v: 2 }, [400, 'version_unsupported']],
    ['no token', { v: 1 }, [400, 'payload_invalid']],
    ['a name that is none', { ...enrolment({ token: `alp_${'A'.repeat(32)}` }), id: '../x' }, [400, 'payload_invalid']],
    ['more than it may have', `"${'x'.repeat(20_000)}"`, [413, 'payload_too_large']],
  ])('refuses %s', async (_, body, expected) => {
    expect(await refusal(body)).toEqual(expected);
  });

  it('is slow for whoever tries often, and goes on after a minute', async () => {
    for (let tries = 0; tries < 10; tries += 1) expect((await refusal({}))[0]).toBe(400);
    const valid = enrolment({ token: await token() });
    const { status, body, retryAfter } = await post(valid);
    expect([status, (body as { error: string }).error, retryAfter]).toEqual([429, 'rate_limited', '60']);
    now += 60_000;
    expect((await post(valid)).status).toBe(201);
  });

  it('takes no other method', async () => {
    const answer = await fetch(`http://127.0.0.1:${port}${enrolmentPath}`);
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });
});
