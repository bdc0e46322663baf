/** @file The outbox's file under fire: killed at any moment, cut at every kilobyte, bits flipped. */
import { type ChildProcess, spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomOf } from '../../../test/support/random.ts';
import { patience } from '../../../test/support/wait.ts';
import type { OutboxDamage, OutboxEntry } from '../../domain/ports.ts';
import { Connection } from './sqlite.ts';
import { SqliteOutbox } from './sqlite-outbox.ts';

const kills = 40;
const flips = 150;

let place = '';
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'alpharho-damage-'));
});
afterAll(() => rm(place, { recursive: true, force: true }));

const body = (seq: number) => JSON.stringify({ seq, label: `label ${seq % 7}`, probability: (seq * 7919) % 1000 });

/** Every kept entry is what was given under its number: nothing changed, nothing twice, in order. */
function seqsOf(entries: readonly OutboxEntry[]): number[] {
  const seqs = entries.map(({ seq }) => seq);
  for (const entry of entries) expect(entry.body).toBe(body(entry.seq));
  expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
  return seqs;
}

describe('the outbox under SIGKILL', () => {
  it('keeps all that it said it keeps, and nothing that it said it forgot', { timeout: 120_000 * patience }, async () => {
    const random = randomOf(1);
    const file = join(place, 'killed', 'outbox.db');
    let kept = 0;
    let removed = 0;
    for (let round = 0; round < kills; round += 1) {
      const child = worker(file, kept + 1);
      const said = await untilKilled(child, random() * 120);
      // What was said is a promise; what was not said may have happened as well.
      kept = Math.max(kept, said.kept);
      removed = Math.max(removed, said.removed);
      const outbox = new SqliteOutbox(file);
      const damages: OutboxDamage[] = [];
      outbox.onDamaged((damage) => damages.push(damage));
      const seqs = seqsOf(await outbox.read('results', undefined, 1_000_000));
      expect(damages).toEqual([]);
      expect((await outbox.size()).entries.results).toBe(seqs.length);
      const last = Math.max(seqs.at(-1) ?? 0, kept);
      expect(seqs.filter((seq) => seq > removed && seq <= kept)).toHaveLength(kept - Math.max(removed, (seqs[0] ?? 1) - 1));
      expect(seqs.filter((seq) => seq <= removed)).toEqual([]);
      // One contiguous run: a commit is there as a whole or not at all.
      expect(seqs).toHaveLength(seqs.length === 0 ? 0 : last - (seqs[0] ?? 0) + 1);
      removed = Math.max(removed, (seqs[0] ?? last + 1) - 1);
      kept = last;
      await outbox.close();
    }
    expect(kept).toBeGreaterThan(kills);
  });
});

describe('a damaged outbox file', () => {
  let good = '';
  let entries = 0;
  beforeAll(async () => {
    good = join(place, 'good', 'outbox.db');
    const outbox = new SqliteOutbox(good);
    for (let first = 1; first <= 600; first += 10) {
      const bodies = Array.from({ length: 10 }, (_, index) => body(first + index));
      await outbox.commit({ add: [{ stream: 'results', session: 'session-one', firstSeq: first, bodies }] });
    }
    entries = (await outbox.size()).entries.results;
    await outbox.close();
  });

  /** Reads the file to its end, writes to it, and reads again. */
  const use = async (file: string): Promise<{ seqs: number[]; damages: OutboxDamage[] }> => {
    const outbox = new SqliteOutbox(file);
    const damages: OutboxDamage[] = [];
    outbox.onDamaged((damage) => damages.push(damage));
    const seqs = seqsOf(await outbox.read('results', undefined, 10_000));
    await outbox.commit({ add: [{ stream: 'results', session: 'session-two', firstSeq: 1, bodies: [body(1)] }] });
    const after = await outbox.read('results', undefined, 10_000);
    expect(after.filter(({ session }) => session === 'session-two')).toHaveLength(1);
    expect((await outbox.size()).entries.results).toBe(after.length);
    await outbox.close();
    return { seqs, damages };
  };

  it('cut short at any kilobyte is noticed, and the agent works on', { timeout: 120_000 * patience }, async () => {
    const { size } = await stat(good);
    await mkdir(join(place, 'cut'));
    for (let length = 1024; length < size; length += 1024) {
      const file = join(place, 'cut', `${length}.db`);
      await writeFile(file, (await readFile(good)).subarray(0, length));
      const { seqs, damages } = await use(file);
      if (seqs.length < entries) expect(damages.length).toBeGreaterThan(0);
    }
  });

  it('with flipped bits never gives a wrong entry, and what is lost is told', { timeout: 120_000 * patience }, async () => {
    const random = randomOf(2);
    const bytes = await readFile(good);
    await mkdir(join(place, 'flip'));
    let noticed = 0;
    for (let round = 0; round < flips; round += 1) {
      const damaged = Buffer.from(bytes);
      for (let flip = 0; flip < 4; flip += 1) {
        const at = Math.floor(random() * damaged.length);
        damaged[at] = (damaged[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      }
      const file = join(place, 'flip', `${round}.db`);
      await writeFile(file, damaged);
      const { seqs, damages } = await use(file);
      if (seqs.length < entries) expect(damages.length).toBeGreaterThan(0);
      if (damages.length > 0) noticed += 1;
    }
    expect(noticed).toBeGreaterThan(flips / 3);
  });

  it('costs one chunk where only that is damaged, counted exactly', async () => {
    const file = join(place, 'chunk.db');
    await copyFile(good, file);
    const connection = await Connection.open(file);
    await connection.exec('UPDATE chunk SET bodies = zeroblob(length(bodies)) WHERE last = 100');
    await connection.close();
    const { seqs, damages } = await use(file);
    expect(seqs).toHaveLength(entries - 10);
    expect(damages).toEqual([
      {
        message: expect.stringMatching(/results 91 to 100 of session session-one are damaged/),
        drops: [{ stream: 'results', session: 'session-one', entries: 10 }],
      },
    ]);
  });

  it('that shows itself while it is in use is replaced under way, and what was in it is counted', async () => {
    const file = join(place, 'late', 'outbox.db');
    let breaks = false;
    const outbox = new SqliteOutbox(file, async (path) => {
      const connection = await Connection.open(path);
      const all = connection.all.bind(connection);
      connection.all = async (sql, ...values) => {
        if (breaks && sql.includes('chunk.bodies')) {
          breaks = false;
          await connection.run('PRAGMA writable_schema = ON');
          await connection.run("UPDATE sqlite_schema SET rootpage = 9999 WHERE name = 'chunk'");
          await connection.run('PRAGMA writable_schema = RESET').catch(() => undefined);
        }
        return all(sql, ...values);
      };
      return connection;
    });
    const damages: OutboxDamage[] = [];
    outbox.onDamaged((damage) => damages.push(damage));
    await outbox.commit({
      add: [{ stream: 'results', session: 'session-one', firstSeq: 1, bodies: Array.from({ length: 25 }, (_, index) => body(index + 1)) }],
    });
    breaks = true;
    expect(await outbox.read('results', undefined, 100)).toEqual([]);
    const lost = [{ stream: 'results', session: 'session-one', entries: 25 }];
    expect(damages).toEqual([{ message: expect.stringMatching(/is damaged .* set aside as .*damaged-1/), drops: lost }]);
    await outbox.commit({ add: [{ stream: 'results', session: 'session-one', firstSeq: 26, bodies: [body(26)] }] });
    await outbox.close();
    const again = new SqliteOutbox(file);
    expect(await again.read('results', undefined, 100)).toHaveLength(1);
    expect(await again.dropped()).toEqual(lost);
    await again.close();
  });
});

/** Adds ten entries and removes the oldest ones, again and again, and says each time what was done. */
function worker(file: string, firstSeq: number): ChildProcess {
  const module = new URL('../../../dist/io/outbox/sqlite-outbox.js', import.meta.url).href;
  const script = `
    import { writeSync } from 'node:fs';
    const { SqliteOutbox } = await import(${JSON.stringify(module)});
    const outbox = new SqliteOutbox(${JSON.stringify(file)});
    const body = ${body.toString()};
    const session = 'session-one';
    for (let first = ${firstSeq}; ; first += 10) {
      const bodies = Array.from({ length: 10 }, (_, index) => body(first + index));
      await outbox.commit({ add: [{ stream: 'results', session, firstSeq: first, bodies }] });
      writeSync(1, 'kept ' + (first + 9) + '\\n');
      if (first % 30 === 1) {
        const to = first - 35;
        await outbox.commit({ remove: [{ stream: 'results', session, from: 1, to }] });
        writeSync(1, 'removed ' + to + '\\n');
      }
    }
  `;
  return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** @param afterMs how long after its first word the process is killed */
async function untilKilled(child: ChildProcess, afterMs: number): Promise<{ kept: number; removed: number }> {
  const said = { kept: 0, removed: 0 };
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  lines.once('line', () => setTimeout(() => child.kill('SIGKILL'), afterMs));
  lines.on('line', (line) => {
    const [what, seq] = line.split(' ');
    if (what === 'kept' || what === 'removed') said[what] = Math.max(said[what], Number(seq));
  });
  await Promise.all([new Promise((resolve) => child.on('close', resolve)), new Promise((resolve) => lines.on('close', resolve))]);
  return said;
}
