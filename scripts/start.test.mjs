/** @file `npm start` under a supervisor: a signal that npm alone receives must reach the launcher, or everything runs on without it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

let folder = '';

/** Stands where the launcher stands, and says which signal came. */
const launcher = `
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => { console.log('heard ' + signal); process.exit(); });
setTimeout(() => process.exit(), 100_000);
console.log('ready');
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'npm-start-'));
  const { scripts } = JSON.parse(await readFile(fileURLToPath(new URL('../package.json', import.meta.url)), 'utf8'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'started', scripts: { start: scripts.start } }));
  await mkdir(join(folder, 'scripts'));
  await writeFile(join(folder, 'scripts', 'start.mjs'), launcher);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

it.each(['SIGINT', 'SIGTERM'])('%s to npm alone reaches the launcher', async (signal) => {
  const npm = spawn('npm', ['start'], { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
  let output = '';
  npm.stdout.on('data', (chunk) => {
    output += chunk;
    if (/ready\s/.test(output)) npm.kill(signal);
  });
  await once(npm.stdout, 'end');
  expect(output).toContain(`heard ${signal}`);
});
