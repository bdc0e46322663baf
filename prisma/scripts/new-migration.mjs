/**
 * @file Writes the next migration: what leads from the migrations folder to schema.prisma, authored by the real schema engine.
 * Usage: npm run migration -w prisma -- "add rollouts"
 *
 * The engine's own shadow database does not work over libsql (the driver runs only the first statement of a script there), so the
 * migrations are applied to a scratch file and compared with that.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEngine } from '../dist/engine.js';
import { migrationsFolder, readMigrations } from '../dist/migrations.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const filters = { externalTables: [], externalEnums: [] };
const sentence = process.argv
  .slice(2)
  .join('_')
  .toLowerCase()
  .replace(/[^a-z0-9]+/g, '_')
  .replace(/^_|_$/g, '');
if (sentence === '') {
  console.error('say in a few words what the migration does: npm run migration -w prisma -- "add rollouts"');
  process.exit(2);
}

const schema = { path: 'schema.prisma', content: await readFile(join(root, 'schema.prisma'), 'utf8') };
const scratch = await mkdtemp(join(tmpdir(), 'alpharho-migration-'));
try {
  const engine = await startEngine(join(scratch, 'scratch.db'));
  await engine.applyMigrations({ migrationsList: await readMigrations(migrationsFolder), filters });
  const { exitCode, stdout } = await engine.diff({
    from: { tag: 'schemaDatasource', files: [schema], configDir: root },
    to: { tag: 'schemaDatamodel', files: [schema] },
    script: true,
    exitCode: true,
    filters,
  });
  engine.free();
  if (exitCode === 0) {
    console.log('schema.prisma and the migrations agree: nothing to write');
  } else {
    const folder = join(migrationsFolder, `${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}_${sentence}`);
    await mkdir(folder);
    await writeFile(join(folder, 'migration.sql'), stdout);
    console.log(`wrote ${folder}/migration.sql: read it before you commit it`);
  }
} finally {
  await rm(scratch, { recursive: true });
}
