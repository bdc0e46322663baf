/** @file `npm start`: checks Node's version before anything needs it, builds what changed, and hands over to `alpharho start`. */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const wanted = [20, 19];
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < wanted[0] || (major === wanted[0] && minor < wanted[1])) {
  console.error(`Alpharho needs Node ${wanted.join('.')} or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

build();
process.argv.splice(2, 0, 'start');
await import('../apps/dashboard/dist/cli/main.js');

/** Turborepo answers from its cache where nothing changed, so every start may ask. Its log is shown only where it failed. */
function build() {
  console.log('Building what changed (a minute on the first run) …');
  const args = [join(root, 'scripts', 'turbo.mjs'), 'run', 'build', '--output-logs=errors-only'];
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status === 0) return;
  if (signal === null) console.error(`${stdout}${stderr}\nThe build failed; the reason is above.`);
  process.exit(1);
}
