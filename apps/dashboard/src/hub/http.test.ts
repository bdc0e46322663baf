import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../../test/support/files.ts';
import { BlobStore } from '../server/blob-store.ts';
import { EnrolmentDoor } from './enrolment-door.ts';
import { HttpServer } from './http.ts';

const bytes = Buffer.from(Array.from({ length: 100_003 }, (_, index) => (index * 31) % 251));
const sha256 = createHash('sha256').update(bytes).digest('hex');
let folder: string;
let database: TestDatabase;
let server: HttpServer;
let base: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alpharho-http-'));
  const blobs = new BlobStore(folder);
  await blobs.put(bytes);
  const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
  database = await createDatabase();
  const enrolment = new EnrolmentDoor({ db: database.db, mqttPort: 1883, publicUrl: undefined, logger, clock: Date.now });
  server = new HttpServer({ host: '127.0.0.1', port: 0, blobs, enrolment, logger });
  base = `http://127.0.0.1:${(await server.start()).port}`;
});
afterAll(async () => {
  await server.stop();
  await database.close();
  await rm(folder, { recursive: true });
});

const get = (headers: Record<string, string> = {}, method = 'GET') => fetch(`${base}/models/${sha256}`, { headers, method });
const body = async (response: Response) => Buffer.from(await response.arrayBuffer());

describe('GET /models/<sha256>', () => {
  it('gives the file, for ever under this name', async () => {
    const response = await get();
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      etag: `"${sha256}"`,
      'content-length': '100003',
      'accept-ranges': 'bytes',
      'cache-control': expect.stringContaining('immutable'),
    });
    expect((await body(response)).equals(bytes)).toBe(true);
  });

  it('gives any part of it', async () => {
    const position = fc.integer({ min: 0, max: bytes.length - 1 });
    await fc.assert(
      fc.asyncProperty(position, position, async (a, b) => {
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        const response = await get({ range: `bytes=${start}-${end}` });
        expect(response.status).toBe(206);
        expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end}/${bytes.length}`);
        expect((await body(response)).equals(bytes.subarray(start, end + 1))).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    ['bytes=100000-', 100_000, 100_002],
    ['bytes=-5', 99_998, 100_002],
    ['bytes=99990-999999', 99_990, 100_002],
    ['bytes=-999999', 0, 100_002],
  ])('understands %s', async (range, start, end) => {
    const response = await get({ range });
    expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end}/100003`);
    expect((await body(response)).equals(bytes.subarray(start, end + 1))).toBe(true);
  });

  it.each(['bytes=100003-', 'bytes=200000-200001', 'bytes=-0'])('answers 416 to %s', async (range) => {
    const response = await get({ range });
    expect(response.status).toBe(416);
    expect(response.headers.get('cache-control')).toBeNull();
    expect(response.headers.get('content-range')).toBe('bytes */100003');
  });

  it.each(['bytes=5-2', 'bytes=a-b', 'lines=1-2', 'bytes=1-2,5-6', 'bytes=-'])(
    'gives the whole file where it does not know what %s asks',
    async (range) => {
      const response = await get({ range });
      expect(response.status).toBe(200);
      expect((await body(response)).length).toBe(bytes.length);
    },
  );

  it('answers 304 where the client has it', async () => {
    expect((await get({ 'if-none-match': `"other", "${sha256}"` })).status).toBe(304);
    expect((await get({ 'if-none-match': '"other"' })).status).toBe(200);
  });

  it('gives the whole file where the client has parts of another', async () => {
    expect((await get({ range: 'bytes=5-9', 'if-range': '"other"' })).status).toBe(200);
    expect((await get({ range: 'bytes=5-9', 'if-range': `"${sha256}"` })).status).toBe(206);
  });

  it('answers HEAD with the headers alone', async () => {
    const response = await get({}, 'HEAD');
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([200, '100003', '']);
  });
});

describe('anything else', () => {
  it.each(['/', '/models', `/models/${'0'.repeat(64)}`, '/models/../alpharho.db', `/models/${sha256}/x`, '/models/%2e%2e%2falpharho.db'])(
    'is 404 in JSON: %s',
    async (path) => {
      const response = await fetch(base + path);
      expect([response.status, await response.json()]).toMatchObject([404, { error: 'not_found' }]);
    },
  );

  it('is 405 for a method that writes', async () => {
    expect((await get({}, 'DELETE')).status).toBe(405);
  });

  it('refuses headers that are too large', async () => {
    expect((await get({ x: 'y'.repeat(20_000) })).status).toBe(431);
  });

  it('says that the hub lives', async () => {
    expect(await (await fetch(`${base}/healthz`)).json()).toEqual({ ok: true });
  });
});
