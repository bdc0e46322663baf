import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlpharhoError } from '@alpharho/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { outboxContract } from '../../../test/contracts/outbox.ts';
import { rememberedLog } from '../../../test/support/logs.ts';
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
outboxContract('an SQLite file', async () => new SqliteOutbox(join(await folder(), 'data', 'outbox.db'), rememberedLog()));

describe('the outbox in a file', () => {
  it('finds everything again after a restart, with its count', async () => {
    const file = join(await folder(), 'outbox.db');
    const first = new SqliteOutbox(file, rememberedLog());
    await first.append('results', 'one', 1, ['{"a":1}', '{"a":2}']);
    await first.close();
    const second = new SqliteOutbox(file, rememberedLog());
    await second.append('results', 'two', 1, ['{"a":3}']);
    expect((await second.read('results', undefined, 10)).map(({ session, seq }) => [session, seq])).toEqual([
      ['one', 1],
      ['one', 2],
      ['two', 1],
    ]);
    expect((await second.size()).entries).toBe(3);
    await second.close();
  });

  it('keeps what an append resolved for when the process is killed right then', async () => {
    const file = join(await folder(), 'outbox.db');
    const module = new URL('../../../dist/io/outbox/sqlite-outbox.js', import.meta.url).href;
    const script = `
      const { SqliteOutbox } = await import(${JSON.stringify(module)});
      const outbox = new SqliteOutbox(${JSON.stringify(file)}, console);
      await outbox.append('results', 'one', 1, Array.from({ length: 500 }, (_, index) => JSON.stringify({ index })));
      process.kill(process.pid, 'SIGKILL');
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
    expect(await new Promise((resolve) => child.on('exit', (_code, signal) => resolve(signal)))).toBe('SIGKILL');
    const outbox = new SqliteOutbox(file, rememberedLog());
    expect(await outbox.read('results', undefined, 1000)).toHaveLength(500);
    await outbox.close();
  });

  it('belongs to one process at a time', async () => {
    const file = join(await folder(), 'outbox.db');
    const first = new SqliteOutbox(file, rememberedLog());
    await first.append('results', 'one', 1, ['{}']);
    const second = new SqliteOutbox(file, rememberedLog());
    await expect(second.size()).rejects.toMatchObject({ code: 'data_dir_in_use', message: expect.stringContaining('another agent') });
    await first.close();
    expect((await second.size()).entries).toBe(1);
    await second.close();
  });

  it('sets a damaged file aside and begins anew', async () => {
    const file = join(await folder(), 'outbox.db');
    await writeFile(file, 'this is no database '.repeat(500));
    const log = rememberedLog();
    const outbox = new SqliteOutbox(file, log);
    await outbox.append('results', 'one', 1, ['{}']);
    expect((await outbox.size()).entries).toBe(1);
    expect(log.lines).toEqual([expect.stringMatching(/^error .*outbox\.db is damaged .*set aside as .*outbox\.db\.damaged/)]);
    expect((await readFile(`${file}.damaged`, 'utf8')).slice(0, 10)).toBe('this is no');
    await outbox.close();
  });

  it('says that the folder cannot be written, and works as soon as it can', async () => {
    const place = await folder();
    const blocked = join(place, 'data');
    await writeFile(blocked, 'a file where the folder should be');
    const outbox = new SqliteOutbox(join(blocked, 'outbox.db'), rememberedLog());
    await expect(outbox.append('results', 'one', 1, ['{}'])).rejects.toSatisfy((error) => isAlpharhoError(error, 'disk_read_only'));
    await rm(blocked);
    await outbox.append('results', 'one', 1, ['{}']);
    expect((await outbox.size()).entries).toBe(1);
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
    const outbox = new SqliteOutbox(file, rememberedLog());
    const wide = Array.from({ length: 2000 }, (_, index) => JSON.stringify({ index, fill: 'x'.repeat(500) }));
    await outbox.append('results', 'one', 1, wide);
    const full = (await outbox.size()).bytes;
    expect(full).toBeGreaterThan(1_000_000);
    for (let from = 1; from <= 2000; from += 500) await outbox.remove([{ stream: 'results', session: 'one', from, to: from + 499 }]);
    await outbox.close();
    expect((await readFile(file)).byteLength).toBeLessThan(full / 4);
  });
});
