import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlpharhoError } from '@alpharho/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { outboxContract } from '../../../test/contracts/outbox.ts';
import { MemoryOutbox } from '../../../test/support/memory-outbox.ts';
import { Connection } from './sqlite.ts';
import { SqliteOutbox } from './sqlite-outbox.ts';

const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});
async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'alpharho-outbox-'));
  folders.push(made);
  return made;
}

outboxContract('memory', async () => new MemoryOutbox());
outboxContract('an SQLite file', async () => new SqliteOutbox(join(await folder(), 'data', 'outbox.db')));

describe('the outbox in a file', () => {
  it('finds everything again after a restart, with its count', async () => {
    const file = join(await folder(), 'outbox.db');
    const first = new SqliteOutbox(file);
    await first.commit({ add: [{ stream: 'results', session: 'one', firstSeq: 1, bodies: ['{"a":1}', '{"a":2}'] }] });
    await first.close();
    const second = new SqliteOutbox(file);
    await second.commit({ add: [{ stream: 'results', session: 'two', firstSeq: 1, bodies: ['{"a":3}'] }] });
    expect((await second.read('results', undefined, 10)).map(({ session, seq }) => [session, seq])).toEqual([
      ['one', 1],
      ['one', 2],
      ['two', 1],
    ]);
    expect((await second.size()).entries.results).toBe(3);
    await second.close();
  });

  it('keeps what a commit resolved for when the process is killed right then', async () => {
    const file = join(await folder(), 'outbox.db');
    const module = new URL('../../../dist/io/outbox/sqlite-outbox.js', import.meta.url).href;
    const script = `
      const { SqliteOutbox } = await import(${JSON.stringify(module)});
      const outbox = new SqliteOutbox(${JSON.stringify(file)});
      await outbox.commit({ add: [{ stream: 'results', session: 'one', firstSeq: 1, bodies: Array.from({ length: 500 }, (_, index) => JSON.stringify({ index })) }] });
      process.kill(process.pid, 'SIGKILL');
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
    expect(await new Promise((resolve) => child.on('exit', (_code, signal) => resolve(signal)))).toBe('SIGKILL');
    const outbox = new SqliteOutbox(file);
    expect(await outbox.read('results', undefined, 1000)).toHaveLength(500);
    await outbox.close();
  });

  it('belongs to one process at a time', async () => {
    const file = join(await folder(), 'outbox.db');
    const first = new SqliteOutbox(file);
    await first.commit({ add: [{ stream: 'results', session: 'one', firstSeq: 1, bodies: ['{}'] }] });
    const second = new SqliteOutbox(file);
    await expect(second.size()).rejects.toMatchObject({ code: 'data_dir_in_use', message: expect.stringContaining('another agent') });
    await first.close();
    expect((await second.size()).entries.results).toBe(1);
    await second.close();
  });

  it('sets a damaged file aside and begins anew, and keeps only a few of those', async () => {
    const place = await folder();
    const file = join(place, 'outbox.db');
    const heard: string[] = [];
    for (let round = 1; round <= 5; round += 1) {
      await writeFile(file, `this is no database ${round} `.repeat(500));
      const outbox = new SqliteOutbox(file);
      await outbox.commit({ add: [{ stream: 'results', session: 'one', firstSeq: 1, bodies: ['{}'] }] });
      expect((await outbox.size()).entries.results).toBe(1);
      outbox.onDamaged(({ message }) => heard.push(message));
      await outbox.close();
    }
    expect(heard).toHaveLength(5);
    expect(heard[4]).toMatch(/outbox\.db is damaged \(.*\): set aside as .*outbox\.db\.damaged-5, begun anew/);
    const asides = (await readdir(place)).filter((name) => name.includes('damaged')).sort();
    expect(asides).toEqual(['outbox.db.damaged-3', 'outbox.db.damaged-4', 'outbox.db.damaged-5']);
    expect((await readFile(`${file}.damaged-5`, 'utf8')).slice(0, 22)).toBe('this is no database 5 ');
  });

  it('says that the folder cannot be written, and works as soon as it can', async () => {
    const place = await folder();
    const blocked = join(place, 'data');
    await writeFile(blocked, 'a file where the folder should be');
    const outbox = new SqliteOutbox(join(blocked, 'outbox.db'));
    await expect(outbox.commit({ add: [{ stream: 'results', session: 'one', firstSeq: 1, bodies: ['{}'] }] })).rejects.toSatisfy((error) =>
      isAlpharhoError(error, 'disk_read_only'),
    );
    await rm(blocked);
    await outbox.commit({ add: [{ stream: 'results', session: 'one', firstSeq: 1, bodies: ['{}'] }] });
    expect((await outbox.size()).entries.results).toBe(1);
    await outbox.close();
  });

  it('takes over what an agent of before left in its file', async () => {
    const file = join(await folder(), 'outbox.db');
    const old = await Connection.open(file);
    await old.exec(`
      PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;
      CREATE TABLE session (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE);
      CREATE TABLE entry (stream TEXT NOT NULL, session INTEGER NOT NULL REFERENCES session (id), seq INTEGER NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (stream, session, seq)) WITHOUT ROWID;
      INSERT INTO session (name) VALUES ('one'), ('two');
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
        INSERT INTO entry SELECT 'results', 1 + (i > 700), i, '{"i":' || i || '}' FROM n WHERE i <> 5;
      INSERT INTO entry VALUES ('telemetry', 2, 1, '{"t":1}');
    `);
    await old.close();
    const outbox = new SqliteOutbox(file);
    const results = await outbox.read('results', undefined, 5000);
    expect(results.map(({ seq }) => seq)).toEqual(Array.from({ length: 1200 }, (_, index) => index + 1).filter((seq) => seq !== 5));
    expect(results[700]).toEqual({ session: 'two', seq: 702, body: '{"i":702}' });
    expect((await outbox.size()).entries).toEqual({ status: 0, events: 0, telemetry: 1, results: 1199 });
    await outbox.close();
  });

  it('calls a full disk by its name, and takes what fits afterwards', async () => {
    const connection = await Connection.open(join(await folder(), 'small.db'));
    await connection.exec('CREATE TABLE t (text TEXT); PRAGMA max_page_count = 4');
    await expect(connection.run('INSERT INTO t VALUES (?)', 'x'.repeat(50_000))).rejects.toSatisfy((error) =>
      isAlpharhoError(error, 'disk_full'),
    );
    expect(await connection.run('INSERT INTO t VALUES (?)', 'x')).toBe(1);
    await connection.close();
  });

  it('gives the disk back what a long outage took', async () => {
    const file = join(await folder(), 'outbox.db');
    const outbox = new SqliteOutbox(file);
    const bodies = Array.from({ length: 4000 }, (_, index) => JSON.stringify({ index, fill: randomBytes(250).toString('hex') }));
    for (let firstSeq = 1; firstSeq <= 32_000; firstSeq += 4000)
      await outbox.commit({ add: [{ stream: 'results', session: 'one', firstSeq, bodies }] });
    expect((await outbox.size()).bytes).toBeGreaterThan(8_000_000);
    for (let from = 1; from <= 32_000; from += 2000)
      await outbox.commit({ remove: [{ stream: 'results', session: 'one', from, to: from + 1999 }] });
    await outbox.close();
    // Up to a megabyte of free pages stays, for the next outage.
    expect((await readFile(file)).byteLength).toBeLessThan(1_100_000);
  });
});
