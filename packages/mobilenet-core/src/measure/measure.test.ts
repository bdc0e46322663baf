/** @file Measurements that do not depend on the machine: the clock is the test's. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { VariantInfo } from '../variant/info.ts';
import { measureSubjects } from './latency.ts';
import { otherLoad } from './load.ts';
import { describeMachine, fingerprint, machineLine } from './machine.ts';
import { batches } from './measure-settings.ts';
import { checkProviders, settingName, settingsFor, threadChoices } from './settings.ts';

/** A clock that only moves when somebody works. */
function clock() {
  let time = 0;
  return { now: () => time, pass: (ms: number) => (time += ms) };
}

describe('measureSubjects', () => {
  it('times each subject on the frames asked for, and gives their percentiles', async () => {
    const { now, pass } = clock();
    let run = 0;
    const steady = { run: async () => pass(4) };
    // One frame in ten is slow.
    const uneven = { run: async () => pass(run++ % 10 === 0 ? 20 : 2) };
    const [a, b] = await measureSubjects([steady, uneven], { frames: 200, now });
    expect(a).toMatchObject({ frames: 200, p10: 4, p50: 4, p95: 4, p99: 4, framesPerSecond: 250, wander: 0 });
    expect(b).toMatchObject({ frames: 200, p50: 2, p95: 20, p99: 20 });
    expect(b!.framesPerSecond).toBeCloseTo(1000 / 3.8, 0);
    expect(a!.rounds).toHaveLength(10);
  });

  it('lets a machine that slows down slow all alike: the ratio stays', async () => {
    const { now, pass } = clock();
    const slower = () => 1 + now() / 1000;
    const subjects = [{ run: async () => pass(slower()) }, { run: async () => pass(2 * slower()) }];
    const [a, b] = await measureSubjects(subjects, { frames: 100, now });
    expect(b!.p50 / a!.p50).toBeGreaterThan(1.9);
    expect(b!.p50 / a!.p50).toBeLessThan(2.1);
    expect(a!.wander).toBeGreaterThan(0.1);
  });

  it('keeps to its budget of time, but for three rounds that it needs', async () => {
    const { now, pass } = clock();
    const subjects = [{ run: async () => pass(10) }, { run: async () => pass(10) }];
    const [some] = await measureSubjects(subjects, { frames: 100, budgetMs: 2000, now });
    expect(some!.rounds.length).toBeGreaterThan(3);
    expect(some!.rounds.length).toBeLessThan(10);
    // One round more may begin within the budget and end beyond it.
    expect(now()).toBeLessThan(2000 + 2 * (10 * 10 + 30));
    const [few] = await measureSubjects(subjects, { frames: 100, budgetMs: 1, now });
    expect(few!.rounds).toHaveLength(3);
  });

  it('does not count the runs in which a subject warms up', async () => {
    const { now, pass } = clock();
    let runs = 0;
    // 55 ms at first, a little less each time, until 5 ms.
    const [cold] = await measureSubjects([{ run: async () => pass(Math.max(55 - runs++, 5)) }], { frames: 50, now });
    expect(cold!.p99).toBe(5);
  });

  it('lets every subject follow every other one', async () => {
    const turns: number[] = [];
    let running = -1;
    const { now, pass } = clock();
    const subjects = [0, 1, 2].map((index) => ({
      run: async () => {
        pass(1);
        running = index;
      },
    }));
    await measureSubjects(subjects, { frames: 60, rounds: 6, now, onProgress: () => turns.push(running) });
    expect(turns).toHaveLength(18);
    // Within a round; between rounds there is time.
    const pairs = turns.flatMap((turn, index) => (index % 3 === 0 ? [] : [`${turns[index - 1]} then ${turn}`]));
    expect(new Set(pairs).size).toBe(6);
  });

  it('divides frames that do not divide, and stops when told to', async () => {
    const { now, pass } = clock();
    const controller = new AbortController();
    const [seven] = await measureSubjects([{ run: async () => pass(1) }], { frames: 7, rounds: 3, now });
    expect(seven).toMatchObject({ frames: 7 });
    const stopping = { run: async () => (pass(1) > 200 ? controller.abort(new Error('enough')) : undefined) };
    await expect(measureSubjects([stopping], { frames: 1000, signal: controller.signal, now })).rejects.toThrow('enough');
  });
});

describe('batches', () => {
  const model = (name: string, rho: number, precision: 'float32' | 'int8', bytes: number) => ({
    name,
    variant: { family: 'v1', alpha: 1, rho, classes: 1000, precision, bytes } as VariantInfo,
  });
  const names = (made: { name: string }[][]) => made.map((batch) => batch.map(({ name }) => name).join(''));

  it('keep the precisions of a network together, and what fits with them', () => {
    const ladder = [
      model('a', 128, 'float32', 1e6),
      model('b', 160, 'float32', 1e6),
      model('c', 192, 'int8', 1e6),
      model('d', 128, 'int8', 1e6),
    ];
    expect(names(batches(ladder, 4))).toEqual(['adbc']);
    expect(names(batches(ladder, 6))).toEqual(['ad', 'bc']);
    expect(names(batches(ladder, 20))).toEqual(['ad', 'b', 'c']);
  });

  it('hold no more bytes than a board can spare, unless one network alone does', () => {
    const large = [
      model('a', 128, 'float32', 90e6),
      model('b', 160, 'float32', 20e6),
      model('c', 160, 'int8', 20e6),
      model('d', 192, 'int8', 20e6),
    ];
    expect(names(batches(large, 1))).toEqual(['a', 'bcd']);
    expect(names(batches(large, 2))).toEqual(['a', 'bcd']);
    expect(names(batches(large, 3))).toEqual(['a', 'bc', 'd']);
  });
});

describe('settings', () => {
  it('are the powers of two and all cores', () => {
    expect([1, 2, 4, 6, 8, 500].map(threadChoices)).toEqual([[1], [1, 2], [1, 2, 4], [1, 2, 4, 6], [1, 2, 4, 8], [1, 2, 4, 8, 16, 32, 64]]);
    const settings = settingsFor([1, 2], ['cpu', 'cuda']);
    expect(settings.map(settingName)).toEqual(['cpu, 1 thread', 'cpu, 2 threads', 'cuda']);
  });

  it('name the providers that there are where one is not', () => {
    expect(() => checkProviders(['cuda'], ['cpu', 'webgpu'])).toThrow('no execution provider "cuda"; it has cpu, webgpu');
    checkProviders(['cpu'], ['cpu']);
  });
});

describe('the machine', () => {
  it('is described with board, governor and the hottest sensible temperature', async () => {
    const root = await mkdtemp(join(tmpdir(), 'machine-'));
    const files = {
      'proc/device-tree/model': 'Raspberry Pi 4 Model B Rev 1.4\0',
      'sys/devices/system/cpu/cpu0/cpufreq/scaling_governor': 'ondemand\n',
      'sys/class/thermal/thermal_zone0/temp': '48300\n',
      'sys/class/thermal/thermal_zone1/temp': '-274000\n',
      'sys/class/thermal/thermal_zone2/temp': '',
    };
    for (const [name, content] of Object.entries(files)) {
      await mkdir(join(root, name, '..'), { recursive: true });
      await writeFile(join(root, name), content);
    }
    const machine = await describeMachine(root);
    expect(machine).toMatchObject({ board: 'Raspberry Pi 4 Model B Rev 1.4', governor: 'ondemand', celsius: 48.3 });
    expect(machine.providers[0]).toBe('cpu');
    expect(machineLine(machine)).toMatch(/^Raspberry Pi 4 Model B Rev 1\.4, \d+ × .*, governor ondemand, 48 °C, onnxruntime-node \d/);
    await rm(root, { recursive: true });
    expect((await describeMachine(root)).board).toBeUndefined();
  });

  it('is the same with a little less memory, another with other cores or another runtime', () => {
    const pi = {
      processor: 'Cortex-A72',
      arch: 'arm64',
      cores: 4,
      memoryBytes: 3_981_860_864,
      runtime: 'onnxruntime-node 1.30.0',
      providers: ['cpu'],
    };
    expect(fingerprint({ ...pi, memoryBytes: pi.memoryBytes - 20_000_000 })).toBe(fingerprint(pi));
    for (const other of [{ cores: 2 }, { memoryBytes: 8e9 }, { runtime: 'onnxruntime-node 1.31.0' }, { providers: ['cpu', 'cuda'] }]) {
      expect(fingerprint({ ...pi, ...other })).not.toBe(fingerprint(pi));
    }
  });

  it('is busy where other programs took more than a tenth of it', () => {
    const since = { at: 0, busy: 5000, own: 100 };
    expect(otherLoad(since, { at: 10_000, busy: 19_000, own: 10_100 }, 2)).toEqual({ cores: 0.4, busy: true });
    expect(otherLoad(since, { at: 10_000, busy: 15_500, own: 10_100 }, 2)).toEqual({ cores: 0.05, busy: false });
    expect(otherLoad(since, { at: 10_000, busy: 14_990, own: 10_100 }, 2)).toEqual({ cores: 0, busy: false });
  });
});
