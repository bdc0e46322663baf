/**
 * @file What the outbox costs an SD card at 10 frames/s, an hour's worth from ten simulated minutes: write calls, fsyncs and bytes, with the
 * hub acknowledging, with the hub away, and for one commit a second of one row a result, which is what there was before.
 *
 * Bytes and calls are the kernel's own counts of this process (/proc/self/io). Fsyncs are SQLite's: with synchronous=NORMAL two at each
 * checkpoint, one of the log and one of the file (sqlite.org/wal.html), which is counted where the file's own time stamp moves.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspectionLineLabels } from '@alpharho/mobilenet-core';
import { encodeResult } from '../domain/batches.ts';
import type { Clock } from '../domain/clock.ts';
import type { FrameResult } from '../domain/frames.ts';
import { Connection } from '../io/outbox/sqlite.ts';
import { SqliteOutbox } from '../io/outbox/sqlite-outbox.ts';
import { Spool } from '../runtime/spool.ts';

const seconds = 600;
const perSecond = 10;
const perHour = 3600 / seconds;

type Costs = { readonly writes: number; readonly fsyncs: number; readonly bytes: number };

/** What waking threads and reading counters costs, which is not the disk's. */
function nothing(folder: string): Promise<Costs> {
  return measure(folder, () => Promise.resolve());
}

/** Runs ten minutes; each second ends with what `second` does. */
async function measure(file: string, second: (number: number) => Promise<void>): Promise<Costs> {
  const before = await ioCounts();
  let fsyncs = 0;
  let stamp = await changedAt(file);
  for (let number = 0; number < seconds; number += 1) {
    await second(number);
    const now = await changedAt(file);
    if (now !== stamp) fsyncs += 2;
    stamp = now;
  }
  const after = await ioCounts();
  return { writes: after.writes - before.writes, fsyncs, bytes: after.bytes - before.bytes };
}

/** As an agent of before did: each second one commit of ten rows, and with a hub one more that removes them. */
async function oneCommitASecond(folder: string, withHub: boolean): Promise<Costs> {
  const file = join(folder, `baseline-${withHub}.db`);
  const connection = await Connection.open(file);
  await connection.exec(`
    PRAGMA auto_vacuum = INCREMENTAL; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE entry (stream TEXT NOT NULL, session INTEGER NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (stream, session, seq)) WITHOUT ROWID;
  `);
  const costs = await measure(file, async (number) => {
    const bodies = resultsOf(number).map(encodeResult);
    const insert = `INSERT INTO entry SELECT 'results', 1, ?1 + item.key, item.value FROM json_each(?2) AS item`;
    await connection.run(insert, number * perSecond, `[${bodies.join(',')}]`);
    if (!withHub) return;
    await connection.run('DELETE FROM entry WHERE seq < ?', (number + 1) * perSecond);
    await connection.exec('PRAGMA incremental_vacuum(256)');
  });
  await connection.close();
  return costs;
}

/** The agent's own spool and outbox. @param withHub whether each second's results are acknowledged before the next second */
async function asItIs(folder: string, withHub: boolean): Promise<Costs> {
  const file = join(folder, `spool-${withHub}.db`);
  const clock = new HandClock();
  const session = randomUUID();
  const fail = (error: unknown): void => {
    if (error !== undefined) throw error;
  };
  const outbox = new SqliteOutbox(file);
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const spool = new Spool({ outbox, session, maxBytes: 1e9, clock, log, emit: fail, onFault: fail, onReady: () => undefined });
  await spool.start();
  await spool.flush();
  if (withHub) spool.up();
  const costs = await measure(file, async (number) => {
    for (const result of resultsOf(number)) spool.addResult(result);
    clock.pass(1000);
    await spool.idle();
    if (withHub) await spool.remove([{ stream: 'results', session, from: 1, to: (number + 1) * perSecond }]);
  });
  await spool.stop();
  return costs;
}

/** Results as an inspection line gives them: five classes, probabilities of five digits. */
function resultsOf(second: number): FrameResult[] {
  return Array.from({ length: perSecond }, (_, index) => {
    const frame = second * perSecond + index + 1;
    const weights = inspectionLineLabels.map(() => Math.random() ** 6);
    const sum = weights.reduce((total, weight) => total + weight, 0);
    const top = inspectionLineLabels
      .map((label, number) => ({ class: number, label, probability: (weights[number] ?? 0) / sum }))
      .sort((a, b) => b.probability - a.probability)
      .slice(0, 5);
    const ms = 8 + Math.random() * 3;
    return {
      frame,
      at: 1_767_225_600_000 + frame * 100,
      ms,
      stages: { preprocess: 0, inference: ms, postprocess: 0 },
      variant: '3fa8'.repeat(16),
      top,
    };
  });
}

/** Time passes by hand. */
class HandClock implements Clock {
  private time = 0;
  private timers: { due: number; callback: () => void }[] = [];

  now(): number {
    return this.time;
  }

  wall(): number {
    return this.time;
  }

  monotonic(): number {
    return this.time;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { due: this.time + ms, callback };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  pass(ms: number): void {
    this.time += ms;
    const due = this.timers.filter((timer) => timer.due <= this.time);
    this.timers = this.timers.filter((timer) => timer.due > this.time);
    for (const { callback } of due) callback();
  }
}

async function ioCounts(): Promise<{ writes: number; bytes: number }> {
  const text = await readFile('/proc/self/io', 'utf8');
  const value = (name: string): number => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(text)?.[1]);
  return { writes: value('syscw'), bytes: value('wchar') };
}

async function changedAt(file: string): Promise<number> {
  return (await stat(file)).mtimeMs;
}

function line(name: string, costs: Costs, baseline: Costs): string {
  const mega = (costs.bytes * perHour) / 1e6;
  const ratio = costs.bytes === 0 ? '' : `, ${(baseline.bytes / costs.bytes).toFixed(0)} times fewer bytes`;
  const figures = `${Math.round(costs.writes * perHour)} writes/h, ${Math.round(costs.fsyncs * perHour)} fsyncs/h, ${mega.toFixed(1)} MB/h`;
  return `${name}: ${figures}${costs === baseline ? '' : ratio}\n`;
}

function less(costs: Costs, control: Costs): Costs {
  return { writes: Math.max(costs.writes - control.writes, 0), fsyncs: costs.fsyncs, bytes: Math.max(costs.bytes - control.bytes, 0) };
}

const folder = await mkdtemp(join(tmpdir(), 'alpharho-writes-'));
try {
  const control = await nothing(folder);
  for (const withHub of [true, false]) {
    const baseline = less(await oneCommitASecond(folder, withHub), control);
    const costs = less(await asItIs(folder, withHub), control);
    const hub = withHub ? 'hub connected' : 'hub away';
    process.stdout.write(line(`${hub}, one commit a second`, baseline, baseline));
    process.stdout.write(line(`${hub}, as it is`, costs, baseline));
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
