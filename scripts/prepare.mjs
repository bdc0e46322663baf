/**
 * @file Runs after `npm ci`: builds all but the web pages, so that `npx mobilenet`, `npx alpharho-agent` and `npx alpharho` work at once.
 * The pages are built by the first start.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
// An install without development dependencies has nothing to build with; it brings its dist folders along.
if (existsSync(join(root, 'node_modules', 'turbo'))) {
  const args = [join(root, 'scripts', 'turbo.mjs'), 'run', 'build:node', '--output-logs=errors-only'];
  process.exit(spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1);
}
