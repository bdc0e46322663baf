import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databaseErrorCode, migrate, openDatabase, openWriter } from './index.ts';
import { migrationsFolder } from './migrations.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alpharho-db-'));
  file = join(folder, 'a b%20#.db');
});
afterEach(() => rm(folder, { recursive: true }));

/** A migrations folder with one more migration than the package's. */
async function withNextMigration(sql: string): Promise<string> {
  const next = join(folder, 'migrations');
  await cp(migrationsFolder, next, { recursive: true });
  await mkdir(join(next, '29990101000000_next'));
  await writeFile(join(next, '29990101000000_next', 'migration.sql'), sql);
  return next;
}

describe('migrate', () => {
  it('creates a fresh file and then finds nothing left to do', async () => {
    const first = await migrate(file);
    const names = (await readdir(migrationsFolder, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    expect(first.applied).toEqual(names.sort());
    expect((await migrate(file)).applied).toEqual([]);
  });

  it('keeps the data of an older version', async () => {
    await migrate(file);
    const before = await openDatabase({ file });
    await before.device.create({ data: { id: 'line-01', camera: 'kept' } });
    await before.$disconnect();

    const next = await withNextMigration('ALTER TABLE "Device" ADD COLUMN "site" TEXT;\nCREATE INDEX "x" ON "Device"("site");');
    expect((await migrate(file, { folder: next })).applied).toEqual(['29990101000000_next']);

    const after = await openDatabase({ file });
    expect(await after.$queryRaw`SELECT id, camera, site FROM Device`).toEqual([{ id: 'line-01', camera: 'kept', site: null }]);
    await after.$disconnect();
  });

  it('says how bad the events were that the first version kept', async () => {
    const first = join(folder, 'first');
    await cp(migrationsFolder, first, { recursive: true });
    const [oldest, ...later] = (await readdir(first)).filter((entry) => !entry.endsWith('.toml')).sort();
    await Promise.all(later.map((name) => rm(join(first, name), { recursive: true })));
    expect((await migrate(file, { folder: first })).applied).toEqual([oldest]);
    const old = openWriter(file);
    old.prepare('INSERT INTO Device (id) VALUES (?)').run('line-01');
    const tell = old.prepare('INSERT INTO DeviceEvent (deviceId, at, kind, message) VALUES (?, ?, ?, ?)');
    for (const kind of ['online', 'offline', 'failed']) tell.run('line-01', 1000, kind, kind);
    old.close();

    await migrate(file);
    const db = await openDatabase({ file });
    const rows = await db.deviceEvent.findMany({ orderBy: { id: 'asc' } });
    expect(rows.map(({ kind, level, at }) => [kind, level, at.getTime()])).toEqual([
      ['online', 'info', 1000],
      ['offline', 'warning', 1000],
      ['failed', 'error', 1000],
    ]);
    await db.$disconnect();
  });

  it('refuses a file of a newer version', async () => {
    await migrate(file, { folder: await withNextMigration('CREATE TABLE "Later" (id INTEGER);') });
    await expect(migrate(file)).rejects.toMatchObject({ code: 'migration', message: expect.stringContaining('newer version') });
  });

  it('says which migration failed, and why', async () => {
    const broken = await withNextMigration('ALTER TABLE "Nowhere" ADD COLUMN "x" TEXT;');
    await expect(migrate(file, { folder: broken })).rejects.toMatchObject({ code: 'migration' });
  });

  it('leaves nothing half done of a new file where the disk is full, and begins anew when there is room', async () => {
    // SQLite's own "disk full", without filling a disk.
    const names = (await readdir(migrationsFolder)).filter((entry) => !entry.endsWith('.toml')).sort();
    const small = join(folder, 'migrations');
    await cp(migrationsFolder, small, { recursive: true });
    const sql = join(small, names[0] ?? '', 'migration.sql');
    await writeFile(sql, `PRAGMA max_page_count = 12;\n${await readFile(sql, 'utf8')}`);
    await expect(migrate(file, { folder: small })).rejects.toMatchObject({ code: 'full', message: expect.stringContaining(file) });
    expect((await migrate(file)).applied).toEqual(names);
  });

  it('does nothing once its signal is aborted', async () => {
    await expect(migrate(file, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
    await expect(openDatabase({ file })).rejects.toMatchObject({ code: 'migration' });
  });

  it('tells a damaged file, and leaves it alone', async () => {
    await writeFile(file, 'not a database '.repeat(500));
    await expect(migrate(file)).rejects.toMatchObject({ name: 'DatabaseError', code: 'damaged', message: expect.stringContaining(file) });
    await expect(openDatabase({ file })).rejects.toMatchObject({ name: 'DatabaseError', code: 'damaged' });
    expect(await readFile(file, 'utf8')).toBe('not a database '.repeat(500));
  });

  it('tells a place that cannot be written', async () => {
    for (const place of [join(folder, 'missing', 'x.db'), folder]) {
      await expect(migrate(place)).rejects.toMatchObject({
        name: 'DatabaseError',
        code: 'read_only',
        message: expect.stringContaining(place),
      });
    }
  });

  it('has migrations that lead to exactly schema.prisma', () => {
    const script = join(import.meta.dirname, '../scripts/new-migration.mjs');
    const { stdout } = spawnSync(process.execPath, [script, 'drift'], { encoding: 'utf8' });
    expect(stdout).toContain('nothing to write');
  });
});

describe('openDatabase', () => {
  it('keeps its settings through transactions, committed and rolled back', async () => {
    await migrate(file);
    const db = await openDatabase({ file });
    await db.$transaction([db.device.create({ data: { id: 'a' } })]);
    await db
      .$transaction(async (tx) => {
        await tx.device.create({ data: { id: 'b' } });
        throw new Error('undo');
      })
      .catch(() => undefined);
    const [row] = await db.$queryRaw<object[]>`
      SELECT * FROM pragma_journal_mode, pragma_foreign_keys, pragma_busy_timeout, pragma_synchronous`;
    expect(row).toEqual({ journal_mode: 'wal', foreign_keys: 1, timeout: 5000, synchronous: 2 });
    expect(await db.device.findMany({ select: { id: true } })).toEqual([{ id: 'a' }]);
    await expect(db.session.create({ data: { deviceId: 'nobody', session: 's', startedAt: new Date() } })).rejects.toThrow(/Foreign key/);
    await db.$disconnect();
  });

  it('shares a file between two connections, and sees what the other committed', async () => {
    await migrate(file);
    const [hub, web] = [await openDatabase({ file }), await openDatabase({ file })];
    await hub.$transaction([hub.change.create({ data: { topic: 'fleet', revision: 1 } })]);
    expect(await web.change.findMany()).toEqual([{ topic: 'fleet', revision: 1 }]);
    await Promise.all([hub.$disconnect(), web.$disconnect()]);
  });

  it('keeps times as integer milliseconds', async () => {
    await migrate(file);
    const db = await openDatabase({ file });
    await db.device.create({ data: { id: 'a', lastSeenAt: new Date(1234) } });
    expect(await db.$queryRaw`SELECT lastSeenAt = 1234 AS same, typeof(createdAt) AS type FROM Device`).toEqual([
      { same: 1, type: 'integer' },
    ]);
    expect((await db.device.findUniqueOrThrow({ where: { id: 'a' } })).lastSeenAt).toEqual(new Date(1234));
    await db.$disconnect();
  });

  it('carries counters beyond 32 bits', async () => {
    await migrate(file);
    const db = await openDatabase({ file });
    const lastFrame = 2 ** 40 + 1;
    await db.device.create({ data: { id: 'a', lastFrame } });
    expect(await db.device.findMany({ where: { lastFrame: { gt: 2 ** 40 } }, select: { lastFrame: true } })).toEqual([{ lastFrame }]);
    expect((await db.device.aggregate({ _max: { lastFrame: true } }))._max).toEqual({ lastFrame });
    await db.$disconnect();
  });

  it('tells a full disk, and goes on when there is room again', async () => {
    await migrate(file);
    const db = await openDatabase({ file });
    const limit = (pages: number) => db.$queryRawUnsafe(`PRAGMA max_page_count = ${pages}`);
    await limit(1);
    const write = () => db.$transaction([db.device.create({ data: { id: 'a', camera: 'x'.repeat(100_000) } })]);
    const error = await write().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(databaseErrorCode(error)).toBe('full');
    await limit(1_000_000);
    await write();
    expect(await db.device.count()).toBe(1);
    await db.$disconnect();
  });
});
