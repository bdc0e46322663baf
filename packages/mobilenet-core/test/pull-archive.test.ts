/** @file Taking one file out of an archive that may be anything. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fuzz, type Target } from '../src/fuzz/fuzz.ts';
import { mutations } from '../src/fuzz/mutate.ts';
import { archiveKind, extract } from '../src/pull/archive.ts';
import { type Member, noise, published, tar, tgz } from './support/archives.ts';
import { writeZip } from './support/zip-writer.ts';

const model = noise(200_000, 4);
const ordinary: Member[] = [
  { path: 'm/m.ckpt', bytes: noise(70_000) },
  { path: 'm/m.tflite', bytes: model },
];

const small: Member[] = [
  { path: 'm/m.ckpt', bytes: noise(900) },
  { path: `${'f'.repeat(120)}/notes`, bytes: noise(300) },
  { path: 'm/m.tflite', bytes: noise(2000) },
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mobilenet-archive-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function take(bytes: Uint8Array, member = 'm.tflite', ending = 'tgz', signal = new AbortController().signal): Promise<Uint8Array> {
  const path = join(folder, `archive.${ending}`);
  await writeFile(path, bytes);
  return await extract({ path, name: 'the archive', kind: archiveKind(path) }, member, signal);
}

const corrupt = (words: string) =>
  expect.objectContaining({ code: 'model_corrupt', message: expect.stringContaining(`the archive: ${words}`) });

describe('a .tgz', () => {
  it.each([
    ['in its root', published('m.tflite', model)],
    ['in a folder', tgz(ordinary)],
    ['under a path that leads out of it', tgz([{ path: '../../etc/m.tflite', bytes: model }])],
    [
      'under a name that is too long for the header',
      tgz([...ordinary.slice(0, 1), { path: `${'f'.repeat(90)}/${'g'.repeat(90)}/m.tflite`, bytes: model }]),
    ],
    ['beside the notes that macOS makes of it', tgz([{ path: '._m.tflite', bytes: noise(50) }, ...ordinary])],
    [
      'beside a .tflite of another name',
      tgz([{ path: 'a.tflite', bytes: noise(50) }, ...ordinary, { path: 'z.tflite', bytes: noise(60) }]),
    ],
    ['under another name, as the only .tflite', tgz([{ path: 'renamed.tflite', bytes: model }])],
    ['without the two empty blocks at the end', gzipSync(tar(ordinary, true))],
  ])('gives the file %s', async (_, bytes) => {
    expect(Buffer.compare(await take(bytes), model)).toBe(0);
  });

  it('without the file says what is in it, in printable letters', async () => {
    const bytes = tgz([
      { path: 'a.tflite', bytes: noise(50) },
      { path: 'b\u001b[31m.tflite', bytes: noise(60) },
    ]);
    await expect(take(bytes)).rejects.toEqual(corrupt('there is no m.tflite in it, but a.tflite, b [31m.tflite'));
  });

  it('without the file names a few of many', async () => {
    const many = Array.from({ length: 11 }, (_, index) => ({ path: `file${index}`, bytes: Buffer.alloc(0) }));
    await expect(take(tgz(many))).rejects.toEqual(corrupt('there is no m.tflite in it, but file0, file1, file2'));
    await expect(take(tgz(many))).rejects.toThrow(/file7 and 3 others$/);
  });

  it.each([
    ['is text', Buffer.from('hello, this is no archive'), 'it is not a gzip file'],
    ['is empty', Buffer.alloc(0), 'it is cut short'],
    ['is damaged', damaged(published('m.tflite', model)), 'it is not a gzip file, or damaged'],
    ['ends early', published('m.tflite', model).subarray(0, 150_000), 'it is cut short'],
    ['holds no tar', gzipSync(noise(5000)), 'its content is not a tar archive'],
    ['holds a tar that ends early', gzipSync(tar(ordinary).subarray(0, 100_000)), 'its content is not a tar archive, or damaged'],
    ['is packed twice', gzipSync(tgz(ordinary)), 'it is packed twice'],
  ])('that %s is refused', async (_, bytes, words) => {
    await expect(take(bytes)).rejects.toEqual(corrupt(words));
  });

  it('may not blow up in memory: the wanted file has an end', async () => {
    const bytes = gzipSync(tar([{ path: 'm.tflite', bytes: model, size: 2_000_000_000 }], true));
    await expect(take(bytes)).rejects.toEqual(corrupt('m.tflite in it has 2000000000 bytes; at most 64000000 are read'));
  });

  it('may not blow up at all: 1.1 GB out of 1 MB are not read to the end', async () => {
    // gzip files may be strung together (RFC 1952, 2.2): one of zeros, seventeen times.
    const header = tar([{ path: 'zeros', bytes: Buffer.alloc(0), size: 1_100_000_000 }], true);
    const zeros = gzipSync(Buffer.alloc(65_000_000));
    const bomb = Buffer.concat([gzipSync(header), ...Array.from({ length: 17 }, () => zeros)]);
    expect(bomb.length).toBeLessThan(1_200_000);
    const before = process.memoryUsage().rss;
    await expect(take(bomb)).rejects.toEqual(corrupt('it unpacks to more than 1000000000 bytes'));
    // Less than it unpacks to; how much of what is garbage is still there depends on how busy the machine is.
    expect(process.memoryUsage().rss - before).toBeLessThan(600_000_000);
  });

  it('may not hold files without end', async () => {
    const many = Array.from({ length: 1001 }, (_, index) => ({ path: `file${index}`, bytes: Buffer.alloc(0) }));
    await expect(take(tgz(many))).rejects.toEqual(corrupt('it holds more than 1000 files'));
  });

  it.each([
    ['as it is packed', (bytes: Uint8Array) => bytes, tgz(small)],
    // Damaged before it is packed, so that gzip's own checksum does not stand before the tar.
    ['inside', gzipSync, tar(small)],
  ])('that is damaged %s gives the file or one line of ours', async (_, pack, seed) => {
    const target: Target = {
      name: 'archive',
      seeds: [seed],
      mutations,
      limitMs: Number.POSITIVE_INFINITY,
      read: async (bytes) => await take(pack(bytes)),
    };
    const { findings, outcomes } = await fuzz(target, { seed: 11, runs: 250 });
    expect(findings).toEqual([]);
    expect(Object.keys(outcomes)).toEqual(['model_corrupt', 'read']);
  });

  it('is left alone when the caller has had enough', async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    stop.abort(reason);
    await expect(take(tgz(ordinary), 'm.tflite', 'tgz', stop.signal)).rejects.toBe(reason);
  });
});

describe('a .zip', () => {
  const entries = [
    { name: '__MACOSX/._labels.txt', text: 'notes' },
    { name: 'x/labels.txt', text: 'ash\nbeech\n', deflated: true },
  ];

  it('gives the file in it', async () => {
    expect(Buffer.from(await take(writeZip(entries), 'labels.txt', 'zip')).toString()).toBe('ash\nbeech\n');
  });

  it('without the file says what is in it', async () => {
    await expect(take(writeZip(entries), 'names.txt', 'zip')).rejects.toEqual(
      corrupt('there is no names.txt in it, but __MACOSX/._labels.txt, x/labels.txt'),
    );
    await expect(take(Buffer.from('no zip'), 'names.txt', 'zip')).rejects.toEqual(corrupt('there is no names.txt in it, but nothing'));
  });
});

/** The same with a byte of its packed data changed. */
function damaged(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[100_000] = (copy[100_000] ?? 0) ^ 0xff;
  return copy;
}
