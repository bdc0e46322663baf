/**
 * @file Generates the client into src/generated with nothing but npm.
 *
 * `prisma generate` looks for a schema engine and downloads it where it finds none, though generating does not run it (the compiler is
 * WebAssembly inside the package). Pointing PRISMA_SCHEMA_ENGINE_BINARY at any executable stops the download; Node itself is one.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const manifest = createRequire(import.meta.url).resolve('prisma/package.json');
const { bin } = JSON.parse(readFileSync(manifest, 'utf8'));

const { status, stdout, stderr, error } = spawnSync(
  process.execPath,
  [join(dirname(manifest), bin.prisma), 'generate', '--schema', 'schema.prisma', '--no-hints'],
  {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' },
  },
);
if (status !== 0) {
  console.error(`prisma generate failed${error ? `: ${error.message}` : ''}\n${stdout ?? ''}${stderr ?? ''}`);
  process.exit(1);
}
