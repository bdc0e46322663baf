import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlpharhoError } from '@alpharho/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/media.ts';
import { startModelServer } from '../../../test/support/model-server.ts';
import { patience } from '../../../test/support/wait.ts';
import { systemClock as clock } from '../system/clock.ts';
import { FolderModelStore } from './model-store.ts';
import { type Pace, paceOf } from './pace-guard.ts';

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const file = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * index) % 251));
const sha256 = digestOf(file);
const never = new AbortController().signal;
const code = (wanted: string) => (error: unknown) => isAlpharhoError(error) && error.code === wanted;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: Awaited<ReturnType<typeof startModelServer>>;
let store: FolderModelStore;
let models = '';

beforeEach(async () => {
  folder = await temporaryFolder();
  server = await startModelServer(new Map([[sha256, file]]));
  models = join(folder.path, 'models');
  store = storeOf();
});
afterEach(async () => {
  await server.stop();
  await folder.remove();
});

const storeOf = (pace: Pace = paceOf(0)) => new FolderModelStore({ folder: models, clock, pace });
const wanted = () => ({ sha256, bytes: file.length, url: new URL(`/models/${sha256}`, server.url) });
const fetchIt = (percents: number[] = [], signal = never) => store.fetch(wanted(), (percent) => percents.push(percent), signal);

describe('the model store', () => {
  it('fetches a file, checks it, and has it from then on', async () => {
    const percents: number[] = [];
    expect(await store.load(sha256)).toBeUndefined();
    await fetchIt(percents);
    expect(await store.load(sha256)).toBeUndefined();
    expect(Buffer.compare(await store.verify(wanted(), never), file)).toBe(0);
    expect(percents.at(-1)).toBe(100);
    expect(await readdir(models)).toEqual([`${sha256}.onnx`]);
    await fetchIt();
    expect(server.ranges).toHaveLength(1);
    expect(Buffer.compare((await storeOf().load(sha256)) ?? Buffer.of(), file)).toBe(0);
  });

  it('gives user and password of the address to the server, and to nobody else', async () => {
    server.misbehaviour.credentials = 'pi:se cret';
    const url = wanted().url;
    [url.username, url.password] = ['pi', 'wrong'];
    const fault = await store.fetch({ ...wanted(), url }, () => undefined, never).catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: 'download_failed', message: expect.stringContaining('HTTP 401') });
    expect(String(fault)).not.toContain('wrong');
    url.password = 'se cret';
    await store.fetch({ ...wanted(), url }, () => undefined, never);
    expect(Buffer.compare(await store.verify(wanted(), never), file)).toBe(0);
  });

  it('goes on where the connection was cut', async () => {
    server.misbehaviour.cutAfter = 100_000;
    await expect(fetchIt()).rejects.toSatisfy(code('download_failed'));
    delete server.misbehaviour.cutAfter;
    await fetchIt();
    expect(server.ranges[0]).toBeUndefined();
    expect(server.ranges[1]).toMatch(/^bytes=[1-9]\d*-$/);
    expect(Buffer.compare(await store.verify(wanted(), never), file)).toBe(0);
  });

  it('begins anew where the server knows no ranges', async () => {
    server.misbehaviour.cutAfter = 100_000;
    await expect(fetchIt()).rejects.toSatisfy(code('download_failed'));
    delete server.misbehaviour.cutAfter;
    server.misbehaviour.ignoresRanges = true;
    await fetchIt();
    expect(Buffer.compare(await store.verify(wanted(), never), file)).toBe(0);
  });

  it('throws bytes of another digest away: for good where they came in one piece', async () => {
    server.misbehaviour.bytes = Buffer.alloc(file.length, 1);
    await fetchIt();
    await expect(store.verify(wanted(), never)).rejects.toSatisfy(code('digest_mismatch'));
    expect(await readdir(models)).toEqual([]);
  });

  it('tries afresh where a pieced-together file has another digest', async () => {
    await fetchIt();
    await store.verify(wanted(), never);
    await rm(join(models, `${sha256}.onnx`));
    await writeFile(join(models, `${sha256}.part`), Buffer.alloc(1000, 7));
    await fetchIt();
    await expect(store.verify(wanted(), never)).rejects.toSatisfy(code('download_failed'));
    await fetchIt();
    expect(Buffer.compare(await store.verify(wanted(), never), file)).toBe(0);
  });

  it('refuses a file of another length, said or found, and never writes beyond the promise', async () => {
    server.misbehaviour.bytes = Buffer.alloc(file.length + 50_000, 1);
    const tooMuch = `the server offers ${file.length + 50_000} bytes, ${file.length} were promised`;
    await expect(fetchIt()).rejects.toMatchObject({ code: 'download_endless', message: expect.stringContaining(tooMuch) });
    server.misbehaviour.hidesLength = true;
    await expect(fetchIt()).rejects.toSatisfy(code('download_endless'));
    const written = await readFile(join(models, `${sha256}.part`)).catch(() => Buffer.of());
    expect(written.length).toBeLessThanOrEqual(file.length);
  });

  it('takes a file whose server does not say how long it is, and none that goes on behind its end', async () => {
    server.misbehaviour.hidesLength = true;
    await fetchIt();
    expect(Buffer.compare(await store.verify(wanted(), never), file)).toBe(0);
    await store.keepOnly([]);
    server.misbehaviour.endless = true;
    await expect(fetchIt()).rejects.toSatisfy(code('download_endless'));
  });

  it('refuses a file that is shorter than promised', async () => {
    server.misbehaviour.bytes = file.subarray(0, 1000);
    await expect(fetchIt()).rejects.toSatisfy(code('length_mismatch'));
  });

  it('gives up a server that sends, and keeps it slower than any line', async () => {
    store = storeOf({ stallMs: 20_000, floor: 100_000, windowMs: 250 });
    server.misbehaviour.trickle = { bytes: 50, everyMs: 20 };
    const slow = { code: 'download_too_slow', message: expect.stringMatching(/bytes came in 0\.25 s, at least 25000 are expected$/) };
    await expect(fetchIt()).rejects.toMatchObject(slow);
    delete server.misbehaviour.trickle;
    await fetchIt();
    expect(server.ranges[1]).toMatch(/^bytes=[1-9]\d*-$/);
    expect(Buffer.compare(await store.verify(wanted(), never), file)).toBe(0);
  });

  it('gives up a server that sends nothing more', async () => {
    store = storeOf({ stallMs: 100, floor: 0, windowMs: 60_000 });
    server.misbehaviour.hangs = true;
    await expect(fetchIt()).rejects.toThrow('no bytes for 0.1 s');
  });

  it('says what the server said', async () => {
    server.misbehaviour.status = 503;
    await expect(fetchIt()).rejects.toThrow(/^http:\/\/127\.0\.0\.1:\d+\/models\/[0-9a-f]+: HTTP 503$/);
    await server.stop();
    await expect(fetchIt()).rejects.toSatisfy(code('download_failed'));
  });

  it('ends at once when it is called off', async () => {
    server.misbehaviour.hangs = true;
    const abort = new AbortController();
    const start = performance.now();
    const fetching = fetchIt([], abort.signal);
    abort.abort(new Error('a newer desired state came'));
    await expect(fetching).rejects.toThrow('a newer desired state came');
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('ends at once when it is called off at its last byte', { timeout: 10_000 * patience }, async () => {
    const controller = new AbortController();
    const atTheEnd = store.fetch(wanted(), (percent) => percent === 100 && controller.abort(new Error('superseded')), controller.signal);
    await expect(atTheEnd).rejects.toThrow('superseded');
    await fetchIt();
    expect(server.ranges).toHaveLength(1);
    expect(Buffer.compare(await store.verify(wanted(), never), file)).toBe(0);
  });

  it('says that the disk takes no file', async () => {
    await writeFile(models, 'a file where the folder should be');
    await expect(fetchIt()).rejects.toSatisfy(code('disk_read_only'));
    await expect(store.put(sha256, file)).rejects.toSatisfy(code('disk_read_only'));
  });

  it('says that a file cannot fit before it fetches it', async () => {
    await store.put(sha256, file);
    const huge = { ...wanted(), sha256: 'f'.repeat(64), bytes: Number.MAX_SAFE_INTEGER };
    await expect(store.fetch(huge, () => undefined, never)).rejects.toSatisfy(code('disk_full'));
    expect(server.ranges).toEqual([]);
  });

  it('throws a kept file away that was damaged on disk', async () => {
    await store.put(sha256, file);
    await writeFile(join(models, `${sha256}.onnx`), Buffer.alloc(file.length));
    await expect(store.load(sha256)).rejects.toSatisfy(code('digest_mismatch'));
    expect(await store.load(sha256)).toBeUndefined();
  });

  it('forgets every file but those that are named, and touches nothing else', async () => {
    await store.put(sha256, file);
    await store.put('b'.repeat(64), file);
    await writeFile(join(models, `${'c'.repeat(64)}.part`), 'x');
    await writeFile(join(models, 'notes.txt'), 'mine');
    await store.keepOnly([sha256]);
    expect((await readdir(models)).sort()).toEqual([`${sha256}.onnx`, 'notes.txt'].sort());
  });
});
