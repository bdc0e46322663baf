/**
 * @file Runs the repository's own turbo with telemetry off, its own and Next.js', and with the sample data, which lies outside the repository,
 * in the cache key of the tests that read it: arguments are turbo's.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const turbo = join(root, 'node_modules', 'turbo', 'bin', 'turbo');
const sampleData = resolve(root, process.env.ALPHARHO_SAMPLE_DATA ?? '../shared/data');

/** Changes when a file is added, removed or of another length. The files themselves are too large to read at every run. */
function stampOf(folder) {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder, { recursive: true }).sort()) {
    const stat = statSync(join(folder, name));
    if (stat.isFile()) hash.update(`${name}\0${stat.size}\n`);
  }
  return hash.digest('hex');
}

function stampOrAbsent(folder) {
  try {
    return stampOf(folder);
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return 'absent';
    throw error;
  }
}

const { status, signal, error } = spawnSync(process.execPath, [turbo, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: {
    ...process.env,
    TURBO_TELEMETRY_DISABLED: '1',
    NEXT_TELEMETRY_DISABLED: '1',
    ALPHARHO_SAMPLE_DATA_STAMP: stampOrAbsent(sampleData),
  },
});
if (error) throw error;
if (signal) process.kill(process.pid, signal);
process.exit(status);
