import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrate, openDatabase, openWriter, type Writer } from './index.ts';

let folder: string;
let file: string;
let writer: Writer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alpharho-db-'));
  file = join(folder, 'a b%20#.db');
  await migrate(file);
  writer = openWriter(file);
});
afterEach(async () => {
  writer.close();
  await rm(folder, { recursive: true });
});

describe('openWriter', () => {
  it('writes rows that the client reads with their types', async () => {
    const insert = writer.prepare('INSERT INTO Device (id, createdAt, lastSeenAt, outbox, fps, camera) VALUES (?, ?, ?, ?, ?, ?)');
    expect(writer.transaction(() => insert.run('a', 1, 1_700_000_000_123, 7, 9.5, null))).toBe(1);
    const db = await openDatabase({ file });
    expect(await db.device.findUnique({ where: { id: 'a' } })).toMatchObject({
      createdAt: new Date(1),
      lastSeenAt: new Date(1_700_000_000_123),
      outbox: 7,
      fps: 9.5,
      camera: null,
    });
    await db.$disconnect();
    expect(writer.prepare('SELECT id, outbox FROM Device').get()).toEqual({ id: 'a', outbox: 7 });
    expect(writer.prepare('SELECT id FROM Device WHERE id = ?').get('b')).toBeUndefined();
  });

  it('undoes a transaction that throws, and an attempt alone inside one that does not', () => {
    const insert = writer.prepare('INSERT INTO Device (id) VALUES (?)');
    const all = writer.prepare('SELECT id FROM Device ORDER BY id');
    const fail = () => {
      insert.run('lost');
      throw new Error('no');
    };
    expect(() => writer.transaction(fail)).toThrow('no');
    writer.transaction(() => {
      insert.run('a');
      expect(() => writer.attempt(fail)).toThrow('no');
      writer.attempt(() => insert.run('b'));
    });
    expect(all.all()).toEqual([{ id: 'a' }, { id: 'b' }]);
  });

  it('tells a full disk, and goes on when there is room again', () => {
    const insert = writer.prepare('INSERT INTO Device (id, camera) VALUES (?, ?)');
    const limit = (pages: number) => writer.prepare(`PRAGMA max_page_count = ${pages}`).get();
    limit(1);
    const write = () => writer.transaction(() => insert.run('a', 'x'.repeat(100_000)));
    expect(write).toThrow(expect.objectContaining({ name: 'DatabaseError', code: 'full' }));
    limit(1_000_000);
    expect(write()).toBe(1);
  });

  it('keeps the error of a broken constraint as it is', () => {
    const insert = writer.prepare('INSERT INTO Session (deviceId, session, startedAt) VALUES (?, ?, ?)');
    expect(() => writer.transaction(() => insert.run('nobody', 's', 0))).toThrow(/FOREIGN KEY/);
  });

  it('tells a damaged file and one that cannot be written', async () => {
    const damaged = join(folder, 'damaged.db');
    await writeFile(damaged, 'no database '.repeat(1000));
    expect(() => openWriter(damaged)).toThrow(expect.objectContaining({ code: 'damaged' }));
    expect(() => openWriter(join(folder, 'none', 'x.db'))).toThrow(expect.objectContaining({ code: 'read_only' }));
  });
});
