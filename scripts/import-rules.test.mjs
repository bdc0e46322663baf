/**
 * @file Proves that the import rules of biome.json hold: writes a forbidden import into every room of a copy of the folder layout,
 * lints the copy, and expects each to be refused with the message that says where the code belongs.
 */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const biome = join(root, 'node_modules/.bin/biome');
const dashboard = 'apps/dashboard/src';

/** Rows of: importing file, imported module, words of the message. */
const forbidden = [
  ['packages/protocol/src/a.ts', '@alpharho/mobilenet-core', 'imports nothing of ours'],
  ['packages/protocol/src/a.ts', '@alpharho/db', 'imports nothing of ours'],
  ['packages/protocol/src/a.ts', '../../mobilenet-core/src/index.ts', 'imports nothing of ours'],
  ['packages/protocol/test/a.test.ts', '@alpharho/mobilenet-core', 'imports nothing of ours'],
  ['packages/protocol/src/a.ts', 'node:fs', 'imports zod only'],
  ['packages/protocol/src/a.ts', 'mqtt', 'imports zod only'],

  ['packages/mobilenet-core/src/a.ts', '@alpharho/db', 'imports only @alpharho/protocol'],
  ['packages/mobilenet-core/src/a.ts', 'alpharho-agent', 'imports only @alpharho/protocol'],
  ['packages/mobilenet-core/src/a.ts', '../../../apps/agent/src/main.ts', 'imports only @alpharho/protocol'],
  ['packages/mobilenet-core/src/runtime/onnxruntime.ts', '@alpharho/db', 'imports only @alpharho/protocol'],

  ['packages/protocol/test/a.test.ts', 'onnxruntime-node', 'Only packages/mobilenet-core/src/runtime/onnxruntime.ts'],
  ['packages/mobilenet-core/src/a.ts', 'onnxruntime-node', 'Only packages/mobilenet-core/src/runtime/onnxruntime.ts'],
  ['packages/mobilenet-core/src/runtime/session.ts', 'onnxruntime-node', 'Only packages/mobilenet-core/src/runtime/onnxruntime.ts'],
  ['prisma/src/a.ts', 'onnxruntime-node', 'Only packages/mobilenet-core/src/runtime/onnxruntime.ts'],
  ['apps/agent/src/runtime/a.ts', 'onnxruntime-node', 'Only packages/mobilenet-core/src/runtime/onnxruntime.ts'],
  [`${dashboard}/hub/a.ts`, 'onnxruntime-node', 'Only packages/mobilenet-core/src/runtime/onnxruntime.ts'],
  [`${dashboard}/server/services/a.ts`, 'onnxruntime-node', 'Only packages/mobilenet-core/src/runtime/onnxruntime.ts'],
  [`${dashboard}/launcher/a.ts`, 'onnxruntime-node', 'Only packages/mobilenet-core/src/runtime/onnxruntime.ts'],

  ['prisma/src/a.ts', '@alpharho/protocol', 'imports nothing of ours'],
  ['prisma/scripts/a.mjs', '../../packages/protocol/dist/index.js', 'imports nothing of ours'],

  ['apps/agent/src/io/a.ts', '@alpharho/db', 'belongs in apps/dashboard'],
  ['apps/agent/src/main.ts', '@alpharho/dashboard', 'belongs in apps/dashboard'],
  ['apps/agent/src/main.ts', '../../../packages/protocol/src/index.ts', 'imports only'],
  ['apps/agent/src/domain/a.ts', '../io/mqtt/link.ts', 'belongs in src/io or src/runtime'],
  ['apps/agent/src/domain/a.ts', '../runtime/spool.ts', 'belongs in src/io or src/runtime'],
  ['apps/agent/src/domain/a.test.ts', '../io/mqtt/link.ts', 'belongs in src/io or src/runtime'],
  ['apps/agent/src/domain/a.ts', '../main.ts', 'belongs in src/io or src/runtime'],
  ...['node:fs', 'node:fs/promises', 'node:child_process', 'mqtt', 'sqlite3', 'sharp', '@alpharho/mobilenet-core/dist/x.js'].map(
    (module) => ['apps/agent/src/domain/a.ts', module, 'belongs in src/io; declare in src/domain/ports.ts'],
  ),

  ...['app', 'features', 'components', 'lib'].flatMap((room) => [
    [`${dashboard}/${room}/a.tsx`, '../hub/ingest.ts', 'What both need belongs in src/server'],
    [`${dashboard}/${room}/deep/a.ts`, '@/hub/ingest.ts', 'What both need belongs in src/server'],
    [`${dashboard}/${room}/a.tsx`, 'mqtt', 'The web process never speaks MQTT'],
    [`${dashboard}/${room}/a.tsx`, 'aedes', 'The web process never speaks MQTT'],
  ]),
  ...['app/page.tsx', 'features/fleet/table.tsx', 'components/age.tsx'].map((file) => [
    `${dashboard}/hub/a.ts`,
    `../${file}`,
    'What both need belongs in src/server',
  ]),
  ...['react', 'react-dom/server', 'next', 'next/navigation'].map((module) => [`${dashboard}/hub/a.ts`, module, 'The hub never renders']),
  [`${dashboard}/server/a.ts`, '../hub/ingest.ts', 'src/server is used by hub and pages'],
  [`${dashboard}/server/queries/a.ts`, '@/app/page.tsx', 'src/server is used by hub and pages'],
  [`${dashboard}/server/services/a.ts`, '../../features/fleet/table.tsx', 'src/server is used by hub and pages'],
  [`${dashboard}/server/services/a.ts`, 'server-only', 'The hub uses the services too'],
  [`${dashboard}/server/services/a.ts`, 'mqtt', 'The web process never speaks MQTT'],
  [`${dashboard}/launcher/a.ts`, 'alpharho-agent', 'knows the agent only by the wire'],
  [`${dashboard}/server/a.ts`, '../../../agent/src/domain/ports.ts', 'knows the agent only by the wire'],
];

const allowed = [
  ['packages/protocol/src/b.ts', 'zod'],
  ['packages/protocol/src/b.ts', './ids.ts'],
  ['packages/protocol/src/b.test.ts', 'fast-check'],
  ['packages/protocol/test/b.test.ts', 'node:fs/promises'],
  ['packages/mobilenet-core/src/b.ts', '@alpharho/protocol'],
  ['packages/mobilenet-core/src/b.ts', './runtime/onnxruntime.ts'],
  ['packages/mobilenet-core/src/runtime/onnxruntime.ts', 'onnxruntime-node'],
  ['prisma/src/b.ts', '@prisma/adapter-libsql'],
  ['apps/agent/src/domain/b.ts', '@alpharho/protocol'],
  ['apps/agent/src/domain/b.ts', '@alpharho/mobilenet-core'],
  ['apps/agent/src/domain/b.ts', './ports.ts'],
  ['apps/agent/src/domain/b.test.ts', 'vitest'],
  ['apps/agent/src/io/b.ts', 'mqtt'],
  ['apps/agent/src/io/b.ts', '../domain/ports.ts'],
  ['apps/agent/src/main.ts', './runtime/spool.ts'],
  [`${dashboard}/app/b.tsx`, '@/server/services/assign-variant.ts'],
  [`${dashboard}/app/b.tsx`, '@/features/fleet/table.tsx'],
  [`${dashboard}/hub/b.ts`, 'aedes'],
  [`${dashboard}/hub/b.ts`, '@/server/services/assign-variant.ts'],
  [`${dashboard}/hub/b.ts`, '@alpharho/db'],
  [`${dashboard}/server/queries/b.ts`, 'server-only'],
  [`${dashboard}/server/queries/b.ts`, '@/lib/ranges.ts'],
];

/** File → what the linter said of its line n (from 0). */
const findings = new Map();
/** File → its lines, one import each. */
const files = new Map();
let folder = '';

function lineOf(file, module) {
  return files.get(file).indexOf(`import '${module}';`);
}

function lint(cwd) {
  const rules = ['style/noRestrictedImports', 'suspicious/noImportCycles'].map((rule) => `--only=${rule}`);
  return new Promise((resolve, reject) => {
    execFile(biome, ['lint', ...rules, '--reporter=json', '--max-diagnostics=none', '.'], { cwd, maxBuffer: 1e8 }, (error, stdout) => {
      // Exit code 1 says that there are findings.
      if (error && error.code !== 1) reject(error);
      else resolve(JSON.parse(stdout).diagnostics);
    });
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'import-rules-'));
  await copyFile(join(root, 'biome.json'), join(folder, 'biome.json'));
  await copyFile(join(root, '.gitignore'), join(folder, '.gitignore'));
  for (const [file, module] of [...forbidden, ...allowed]) {
    files.set(file, [...(files.get(file) ?? []), `import '${module}';`]);
  }
  files.set('packages/protocol/src/cycle/one.ts', ["import { two } from './two.ts';", 'export const one = () => two;']);
  files.set('packages/protocol/src/cycle/two.ts', ["import { one } from './one.ts';", 'export const two = () => one;']);
  for (const [file, lines] of files) {
    await mkdir(join(folder, dirname(file)), { recursive: true });
    await writeFile(join(folder, file), `${lines.join('\n')}\n`);
  }
  for (const { location, category, message } of await lint(folder)) {
    const ofFile = findings.get(location.path) ?? new Map();
    const line = location.start.line - 1;
    findings.set(location.path, ofFile.set(line, [...(ofFile.get(line) ?? []), { category, message }]));
  }
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('biome.json', () => {
  it.each(forbidden)('%s may not import %s', (file, module, words) => {
    expect(findings.get(file)?.get(lineOf(file, module))).toContainEqual({
      category: 'lint/style/noRestrictedImports',
      message: expect.stringContaining(words),
    });
  });

  it.each(allowed)('%s may import %s', (file, module) => {
    expect(findings.get(file)?.get(lineOf(file, module))).toBeUndefined();
  });

  it('refuses files that import each other in a circle', () => {
    expect(findings.get('packages/protocol/src/cycle/one.ts')?.get(0)).toContainEqual({
      category: 'lint/suspicious/noImportCycles',
      message: expect.stringContaining('cycle'),
    });
  });
});
