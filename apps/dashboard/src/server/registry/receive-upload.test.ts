import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReadableStream } from 'node:stream/web';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { receiveUpload } from './receive-upload.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alpharho-receive-'));
});
afterEach(() => rm(folder, { recursive: true }));

function receive(body: FormData | string, headers?: Record<string, string>) {
  const request = new Request('http://localhost/api/v1/variants', { method: 'POST', body, headers });
  return receiveUpload({ headers: request.headers, body: request.body as ReadableStream | null }, folder);
}

function form(fields: Record<string, string | Blob>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  return data;
}

const bytes = new Uint8Array(300_000).map((_, index) => index % 251);
const file = new File([bytes], 'Förderband.onnx');

describe('receiveUpload', () => {
  it('writes the file as it came, and reads what was said of it', async () => {
    const { path, options } = await receive(form({ options: '{"normalisation":"tf","labels":["a","b"]}', file }));
    expect(options).toEqual({ name: 'Förderband.onnx', normalisation: 'tf', labels: ['a', 'b'] });
    expect((await readFile(path)).equals(bytes)).toBe(true);
  });

  it.each([
    ['no form at all', 'text', { 'content-type': 'text/plain' }, 'payload_invalid'],
    [
      'a form that is cut off',
      '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc',
      { 'content-type': 'multipart/form-data; boundary=x' },
      'payload_invalid',
    ],
    ['no file', form({ options: '{}' }), undefined, 'payload_invalid'],
    ['options that are no JSON', form({ options: 'tf', file }), undefined, 'payload_not_json'],
    ['an option that there is not', form({ options: '{"speed":1}', file }), undefined, 'config_invalid'],
    ['a side that no variant has', form({ options: '{"rho":7}', file }), undefined, 'config_invalid'],
    ['a manifest that is none', form({ manifest: '{"v":2}', file }), undefined, 'payload_invalid'],
  ])('refuses %s, and leaves no file', async (_, body, headers, code) => {
    await expect(receive(body, headers)).rejects.toMatchObject({ name: 'AlpharhoError', code });
    expect(await readdir(folder)).toEqual([]);
  });

  it('clears away what uploads that were cut off left behind', async () => {
    await writeFile(join(folder, 'old.upload'), 'x');
    await writeFile(join(folder, 'new.upload'), 'x');
    const hoursAgo = new Date(Date.now() - 2 * 3_600_000);
    await utimes(join(folder, 'old.upload'), hoursAgo, hoursAgo);
    const { path } = await receive(form({ file }));
    expect((await readdir(folder)).toSorted()).toEqual(['new.upload', path.slice(folder.length + 1)].toSorted());
  });
});
