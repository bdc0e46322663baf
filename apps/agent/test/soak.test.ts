/**
 * @file Hours of the field in minutes: the real agent, a real broker, faults at random from a seed, and an exact account at the end.
 * Short here; as long as is wanted by `npm run soak -w alpharho-agent -- --minutes 10 --seed 1`, or `-- --swaps 100`.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectEveryFrame } from './support/account.ts';
import { FrozenProxy } from './support/frozen-proxy.ts';
import { hasFfmpeg, makeVideo } from './support/media.ts';
import { factsOf, type ProcessFacts } from './support/process-facts.ts';
import { randomOf } from './support/random.ts';
import { model, newSetting, type Setting } from './support/setting.ts';
import { type Field, faults, mountSmallDisk } from './support/soak-faults.ts';
import { floorOf, type Point, trendOf } from './support/trend.ts';
import { eventually, isSlow } from './support/wait.ts';

const soakMs = Number(process.env.ALPHARHO_SOAK_MINUTES ?? 0.5) * 60_000;
const seed = Number(process.env.ALPHARHO_SOAK_SEED ?? 1);
const swaps = Number(process.env.ALPHARHO_SOAK_SWAPS ?? 6);
/** Shorter runs say nothing of memory. */
const isLong = soakMs >= 300_000;
/** Each fault has come a few times by then, and its code is compiled: that takes memory once. */
const warmUpMs = Math.max(180_000, soakMs / 4);
/** What is held is asked for so often: a collection, which leaves fewer frames waiting than any fault. */
const heldEveryMs = 20_000;
const heldMemory = fileURLToPath(new URL('support/held-memory.cjs', import.meta.url));

const small = model(64);
const other = model(64, 2);
let setting: Setting;
beforeEach(async () => {
  setting = await newSetting([small, other]);
});
afterEach(() => setting.end());

type Sample = ProcessFacts & { readonly at: number; readonly isCalm: boolean };
/** By time, milliseconds: what the main thread holds after a collection, bytes. */
type Held = readonly (readonly [number, number])[];

// Faults come at random times, and what they do is told by real time.
describe.skipIf(isSlow)('soak', () => {
  it.skipIf(!hasFfmpeg)('loses nothing, doubles nothing, and leaks nothing', { timeout: soakMs + 120_000 }, async () => {
    const { hub, run, file, folder, dataDir } = setting;
    const video = await makeVideo(join(folder, 'belt.mp4'), 20);
    await mkdir(dataDir);
    const smallDisk = mountSmallDisk(dataDir);
    const proxy = await FrozenProxy.start({ port: hub.port });
    try {
      const heldFile = join(folder, 'held');
      const agent = run(['--model', await file(small), '--camera', video, '--rate', '10', '--hub', proxy.url], {
        env: { NODE_OPTIONS: `--require=${heldMemory}`, ALPHARHO_HELD_MEMORY: heldFile },
      });
      await eventually('results', () => hub.history.size >= 20, 30_000);
      const field: Field = { hub, proxy, agentPid: () => agent.child.pid ?? 0, video, smallDisk };
      const { samples, askedAt, happened } = await endure(field);
      await eventually('the rest of the results', () => isWhole(), 90_000);
      expect(await agent.stop()).toBe(0);
      account(happened);
      judgeHeld(heldBytes(heldFile, askedAt));
      judge(samples);
    } finally {
      await proxy.stop();
      if (smallDisk !== undefined) execFileSync('umount', ['--lazy', smallDisk]);
    }
  });

  /** The backlog is home: a result of just now is there. */
  function isWhole(): boolean {
    return (
      Date.now() -
        Math.max(
          ...setting.hub
            .rows()
            .slice(-1)
            .map(({ at }) => at),
        ) <
      2000
    );
  }

  async function endure(field: Field): Promise<{ samples: Sample[]; askedAt: number[]; happened: Map<string, number> }> {
    const random = randomOf(seed);
    const names = Object.keys(faults);
    const start = performance.now();
    const samples: Sample[] = [];
    const askedAt: number[] = [];
    const happened = new Map<string, number>();
    let calmSince = start;
    const timer = setInterval(() => {
      const at = performance.now() - start;
      samples.push({ ...factsOf(field.agentPid()), at, isCalm: performance.now() - calmSince > 4000 });
    }, 1000);
    const asking = setInterval(() => {
      process.kill(field.agentPid(), 'SIGUSR2');
      askedAt.push(performance.now() - start);
    }, heldEveryMs);
    while (performance.now() - start < soakMs) {
      await new Promise((resolve) => setTimeout(resolve, 2000 + random() * (isLong ? 13_000 : 4000)));
      const name = names[Math.floor(random() * names.length)] ?? '';
      calmSince = Number.POSITIVE_INFINITY;
      await faults[name]?.(field, 500 + random() * 5000);
      calmSince = performance.now();
      happened.set(name, (happened.get(name) ?? 0) + 1);
    }
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    clearInterval(timer);
    clearInterval(asking);
    return { samples, askedAt, happened };
  }

  /** Each result is in the history once, and the agent's own count says the same. */
  function account(happened: ReadonlyMap<string, number>): void {
    const { hub } = setting;
    const rows = hub.rows();
    const windows = new Map(hub.heard.telemetry.map(({ message }) => [message.seq, message]));
    const classified = [...windows.values()].reduce((sum, { frames }) => sum + frames.classified, 0);
    const words = [...happened].map(([name, count]) => `${count} × ${name}`).join(', ');
    print(`seed ${seed}, ${Math.round(soakMs / 1000)} s: ${words}`);
    print(`${classified} classified, ${rows.length} in the history, ${hub.duplicates} copies sent again and dropped by the hub`);
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, index) => index + 1));
    expect(rows.length).toBe(classified);
    expect(rows.every(({ frame }, index) => index === 0 || frame > (rows[index - 1]?.frame ?? 0))).toBe(true);
    expect([...windows.keys()].sort((a, b) => a - b)).toEqual([...windows.keys()].map((_, index) => index + 1));
  }

  function judge(samples: readonly Sample[]): void {
    const late = samples.filter(({ at }) => at > (isLong ? warmUpMs : 0));
    const calm = late.filter(({ isCalm }) => isCalm);
    const files = calm.map((sample) => sample.files);
    const threads = calm.map((sample) => sample.threads);
    const memory = late.map(({ at, rssBytes }) => [at / 3_600_000, rssBytes / 1e6] as const);
    const mega = memory.map(([, megabytes]) => megabytes);
    print(
      `calm: files ${usual(files)} (${Math.min(...files)} to ${Math.max(...files)}), threads ${usual(threads)} (${Math.min(...threads)} to ${Math.max(...threads)})`,
    );
    print(`RSS ${Math.min(...mega).toFixed(1)} to ${Math.max(...mega).toFixed(1)} MB`);
    const third = Math.floor(files.length / 3);
    if (third > 3) {
      expect(usual(files.slice(-third))).toBe(usual(files.slice(0, third)));
      expect(usual(threads.slice(-third))).toBe(usual(threads.slice(0, third)));
    }
    if (!isLong) return;
    judgeSlope('RSS, lowest of each minute', floorOf(memory, 1 / 60));
  }
});

/** @param askedAt when each of its lines was asked for */
function heldBytes(file: string, askedAt: readonly number[]): Held {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  expect(lines.length).toBe(askedAt.length);
  return lines.map((line, index) => [askedAt[index] ?? 0, Number(line)] as const);
}

/** A leak of JavaScript's objects and buffers cannot hide here, and much less noise is on it than on RSS. */
function judgeHeld(held: Held): void {
  const late = held.filter(([at]) => at > (isLong ? warmUpMs : 0)).map(([at, bytes]) => [at / 3_600_000, bytes / 1e6] as const);
  const mega = late.map(([, megabytes]) => megabytes);
  print(`held after a collection ${Math.min(...mega).toFixed(2)} to ${Math.max(...mega).toFixed(2)} MB`);
  if (!isLong) return;
  judgeSlope('held', late);
}

/** @param points hours and megabytes */
function judgeSlope(what: string, points: readonly Point[]): void {
  const { slope, low, high } = trendOf(points);
  const trust = `${low.toFixed(2)} to ${high.toFixed(2)} with 95 %`;
  print(`${what}, slope after ${Math.round(warmUpMs / 1000)} s: ${slope.toFixed(2)} MB/h (Theil–Sen over ${points.length}; ${trust})`);
  expect.soft(low).toBeLessThan(1);
}

describe.skipIf(isSlow)('swaps', () => {
  it('of the variant leave neither a gap nor memory behind', { timeout: 60_000 + swaps * 6000 }, async () => {
    const { hub, run, file, desire, lastReported } = setting;
    const agent = run(['--model', await file(small)]);
    await eventually('results', () => hub.history.size >= 20, 30_000);
    const memory: number[] = [];
    const begin = hub.rows().length;
    for (let swap = 1; swap <= swaps; swap += 1) {
      desire(swap % 2 === 1 ? other : small, swap);
      await eventually(`swap ${swap}`, () => lastReported()?.revision === swap && lastReported()?.phase === 'committed', 20_000);
      memory.push(factsOf(agent.child.pid ?? 0).rssBytes / 1e6);
    }
    expect(await agent.stop()).toBe(0);
    const rows = hub.rows();
    const gaps = rows.slice(begin).map(({ at }, index) => at - (rows[begin + index - 1]?.at ?? at));
    const longest = Math.max(...gaps);
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, index) => index + 1));
    print(`${swaps} swaps: longest gap between results ${longest} ms at 10 frames/s`);
    expectEveryFrame(hub);
    // So many are measured on a machine that does nothing else.
    if (swaps < 50) return;
    expect(longest).toBeLessThanOrEqual(200);
    const tenth = Math.floor(swaps / 10);
    const early = middle(memory.slice(tenth, 2 * tenth));
    const end = middle(memory.slice(-tenth));
    print(
      `RSS ${early.toFixed(1)} MB after the first ${2 * tenth} swaps, ${end.toFixed(1)} MB after ${swaps}: ${((end / early - 1) * 100).toFixed(1)} %`,
    );
    expect(end / early).toBeLessThanOrEqual(1.1);
  });
});

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** The value that occurs most. */
function usual(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
}
