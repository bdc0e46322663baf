/** @file `alpharho variants pull` against a server on this machine: what a user sees when it is there, is not, or gives something else. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TestProcess } from './support/process.ts';

let folder: string;
let server: Server;
let answer: { status: number; body: string };
const asked: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alpharho-pull-'));
  await writeFile(join(folder, 'labels.txt'), Array.from({ length: 1001 }, (_, index) => `class ${index}`).join('\n'));
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

function alpharho(...args: string[]) {
  return new TestProcess(['variants', ...args], { ALPHARHO_DATA_DIR: join(folder, 'data') }).ended;
}

async function pull(name: string) {
  const mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options = ['--mirror', mirror, '--cache', join(folder, 'cache'), '--labels', join(folder, 'labels.txt')];
  return alpharho('pull', name, ...options);
}

it('says that the file is not there and what to do, or that it is another one than was published, and adds nothing', async () => {
  answer = { status: 404, body: 'no' };
  const missing = await pull('v1_0.25_128_quant');
  expect(missing.code).toBe(1);
  expect(missing.stderr).toMatch(
    /HTTP 404: there is no such file; nothing was added. --mirror asks another address, --from takes archives/,
  );
  expect(asked.at(-1)).toMatch(/^\/download\.tensorflow\.org\/models\/.*\.tgz$/);
  answer = { status: 200, body: 'another file' };
  const other = await pull('v1_0.25_128_quant');
  expect(other.code).toBe(1);
  expect(other.stderr).toMatch(/has SHA-256 [0-9a-f]{64}, published is [0-9a-f]{64}; it was not used/);
  const unknown = await pull('v9_7');
  expect(unknown.stderr).toContain('no published model is called "v9_7"');
  expect((await alpharho('list')).stdout).toContain('No variants yet');
});
