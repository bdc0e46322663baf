/** @file Tuning with measurements that the test gives: which setting wins, and what is kept. */
import { lstat, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MeasuredModel } from '../measure/measure-settings.ts';
import type { RunSetting } from '../runtime/classifier.ts';
import type { VariantInfo } from '../variant/info.ts';
import { bestSetting } from './best-setting.ts';
import { fasterTwins, type Measure, tune } from './tune.ts';
import { fileTuningCache, tuningCachePath } from './tuning-cache.ts';

const settings: RunSetting[] = [1, 2, 4].map((threads) => ({ provider: 'cpu', threads }));
const machine = { fingerprint: 'a pi' };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tune-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function model(digit: string, more: Partial<VariantInfo> = {}): MeasuredModel {
  const variant: VariantInfo = {
    sha256: digit.repeat(64),
    bytes: 4_000_000,
    family: 'v1',
    alpha: 0.5,
    rho: 160,
    precision: 'float32',
    classes: 2,
    weights: 'trained',
    labels: ['a', 'b'],
    rhos: [128],
    preprocessing: { crop: 1, resize: 'bilinear' },
    ...more,
  };
  return { variant, read: () => Promise.reject(new Error('nobody reads files here')) };
}

/** A machine whose latency for a model under so many threads is known, with the same noise in each round for all. */
function board(ms: (model: MeasuredModel, threads: number) => number) {
  const calls: string[][] = [];
  const measure: Measure = async (models, under) => {
    calls.push(models.map(({ variant }) => variant.sha256[0]!));
    return models.flatMap((each) =>
      under.map((setting) => {
        const rounds = [1, 1.1, 0.9, 1, 1.3, 1, 0.95, 1, 1.02, 1].map((noise) => {
          const time = ms(each, setting.threads) * noise;
          return { p50: time, p95: 1.2 * time, mean: 1.05 * time };
        });
        const p50 = ms(each, setting.threads);
        const latency = { frames: 300, p10: p50, p50, p95: 1.2 * p50, p99: 2 * p50, framesPerSecond: 1000 / p50, wander: 0, rounds };
        return { sha256: each.variant.sha256, setting, latency };
      }),
    );
  };
  return { calls, measure };
}

describe('tune', () => {
  it('takes the fastest setting', async () => {
    const { measure } = board((_, threads) => 12 / threads);
    const [tuned] = await tune({ models: [model('a')], settings, machine, measure });
    expect(tuned).toMatchObject({ best: { threads: 4, provider: 'cpu' }, cached: false });
    expect(tuned?.measurements).toHaveLength(3);
  });

  it('leaves cores to others where more threads gain no more than noise', async () => {
    const { measure } = board((_, threads) => ({ 1: 12, 2: 6.1, 4: 6 })[threads] ?? 0);
    expect((await tune({ models: [model('a')], settings, machine, measure }))[0]?.best.threads).toBe(2);
    const small = board((_, threads) => 1 + threads / 1000);
    expect((await tune({ models: [model('a')], settings, machine, measure: small.measure }))[0]?.best.threads).toBe(1);
  });

  it('says which precision runs better, and that it is a tie where it is one', async () => {
    const int8 = model('b', { precision: 'int8', bytes: 1_000_000 });
    const { measure } = board(({ variant }, threads) => (variant.precision === 'int8' ? 9 : 6) / threads);
    const tuned = await tune({ models: [int8, model('a'), model('c', { rho: 224 })], settings, machine, measure });
    const [twins, ...none] = fasterTwins(tuned);
    expect(none).toEqual([]);
    expect(twins?.best.variant.precision).toBe('float32');
    expect(twins?.ratios[0]).toBeCloseTo(1.5, 6);
    const equal = board((_, threads) => 6 / threads);
    const [tie] = fasterTwins(await tune({ models: [int8, model('a')], settings, machine, measure: equal.measure }));
    expect(tie).toMatchObject({ tied: true, best: { variant: { precision: 'int8' } } });
  });

  it('measures once a machine: what is kept is used again there, and nowhere else', async () => {
    const cache = fileTuningCache(join(folder, 'deep', 'tuning.json'));
    const { measure, calls } = board((_, threads) => 12 / threads);
    const run = (more = {}) =>
      tune({ models: [model('a'), model('b', { rho: 224 })], settings, machine, measure, cache, clock: () => 5, ...more });
    const first = await run();
    const second = await run();
    expect(calls).toEqual([['a', 'b']]);
    expect(second).toEqual(first.map((tuned) => ({ ...tuned, cached: true })));
    await run({ machine: { fingerprint: 'another' } });
    await run({ again: true });
    expect(calls).toHaveLength(3);
    await run({ settings: [...settings, { provider: 'cuda', threads: 1 }] });
    expect(calls).toHaveLength(4);
    await run({ settings: settings.slice(0, 1) });
    expect(calls).toHaveLength(4);
  });

  it('measures only what is new, but twins always in the same rounds', async () => {
    const cache = fileTuningCache(join(folder, 'tuning.json'));
    const { measure, calls } = board((_, threads) => 12 / threads);
    let at = 0;
    const run = (models: MeasuredModel[]) => tune({ models, settings, machine, measure, cache, clock: () => at++ });
    await run([model('a')]);
    await run([model('a'), model('b', { rho: 224 })]);
    await run([model('a'), model('c', { precision: 'int8' }), model('b', { rho: 224 })]);
    expect(calls).toEqual([['a'], ['b'], ['a', 'c']]);
    await run([model('d', { rho: 96 })]);
    await run([model('e', { rho: 96, precision: 'int8' })]);
    calls.length = 0;
    await run([model('d', { rho: 96 }), model('e', { rho: 96, precision: 'int8' })]);
    expect(calls).toEqual([['d', 'e']]);
  });

  it('measures anew where the cache is damaged, says so, and mends it', async () => {
    const path = join(folder, 'tuning.json');
    const reasons: string[] = [];
    const { measure, calls } = board((_, threads) => 12 / threads);
    const run = () =>
      tune({ models: [model('a')], settings, machine, measure, cache: fileTuningCache(path, (reason) => reasons.push(reason)) });
    for (const damage of ['{"format":', '{"format":"alpharho-tuning-1","entries":[{"sha256":"x"}]}', '[]']) {
      reasons.length = 0;
      await writeFile(path, damage);
      await run();
      expect(reasons[0], damage).toBe('it is no tuning cache');
      expect(JSON.parse(await readFile(path, 'utf8')).entries).toHaveLength(1);
    }
    reasons.length = 0;
    await run();
    expect([reasons.length, calls.length]).toEqual([0, 3]);
  });
});

it('never puts a cache in the place of a device, nor reads one', async () => {
  // Links, as /dev/stdout is one; no test may risk the machine's own devices.
  await symlink('/dev/zero', join(folder, 'device'));
  const reasons: string[] = [];
  const cache = fileTuningCache(join(folder, 'device'), (reason) => reasons.push(reason));
  const { measure } = board(() => 5);
  await expect(tune({ models: [model('a')], settings, machine, measure, cache })).rejects.toThrow('it is not a regular file');
  expect(reasons[0]).toBe('it is not a regular file');
  expect((await lstat(join(folder, 'device'))).isSymbolicLink()).toBe(true);
});

it('the cache lies where the user’s caches lie', () => {
  expect(tuningCachePath({ XDG_CACHE_HOME: '/var/cache/x' })).toBe('/var/cache/x/alpharho/tuning.json');
  expect(tuningCachePath({})).toMatch(/\/\.cache\/alpharho\/tuning\.json$/);
});

describe('the typical frame', () => {
  it('decides on a device that is tuned while it works: others may spoil some frames of the faster setting', () => {
    const rounds = (p50: number, p95: number) => Array.from({ length: 10 }, () => ({ p50, p95, mean: p95 }));
    const measured = (threads: number, p50: number, p95: number) => ({
      ...{ provider: 'cpu', threads, frames: 60, p50, p95, p99: p95, framesPerSecond: 1000 / p95 },
      rounds: rounds(p50, p95),
    });
    const both = [measured(1, 5, 6), measured(2, 3, 20)];
    expect(bestSetting(both, 'typical')?.threads).toBe(2);
    expect(bestSetting(both, 'latency')?.threads).toBe(1);
  });

  it('is the file’s own where its twin is no faster', () => {
    const measured = (twin: boolean) => ({
      ...{ provider: 'cpu', threads: 1, twin, frames: 60, p50: 5, p95: 6, p99: 6, framesPerSecond: 200 },
      rounds: Array.from({ length: 10 }, () => ({ p50: 5, p95: 6, mean: 5 })),
    });
    expect(bestSetting([measured(true), measured(false)], 'typical')?.twin).toBe(false);
  });
});
