/** @file How a variant comes to run on this device: real sessions, a real measurement, a runtime that has no accelerator here. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildVariant, lineFrames, quantizeVariant, readVariant, runtimeVersion } from '@alpharho/mobilenet-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Tune } from '../src/domain/ports.ts';
import { openTuned, type Tuning } from '../src/io/inference/open-tuned.ts';
import type { InferencePreferences } from '../src/io/inference/preferences.ts';

const file = buildVariant({ family: 'v1', alpha: 0.25, rho: 64, labels: ['a', 'b', 'c'], seed: 5 });
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'alpharho-tuned-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const quiet: Tuning = { checkRoom: async () => undefined, limitMs: 60_000 };

async function opened(preferences: Partial<InferencePreferences>, { bytes = file, tuning = quiet, tune = 'try' as Tune } = {}) {
  const variant = readVariant(bytes);
  const all = { providers: undefined, threads: undefined, tune: true, twins: false, folder, failed: {}, ...preferences };
  const { classifier, inference, isTunable } = await openTuned(bytes, variant, { rho: variant.rho, tune }, all, tuning);
  const { top } = await classifier.classify(new Uint8Array(variant.rho ** 2 * 3));
  await classifier.close();
  return { inference, isTunable, top, variant: classifier.variant };
}

describe('a variant that is seen for the first time', () => {
  it('is measured once, and known after that', async () => {
    const first = await opened({});
    expect(first.inference).toEqual({ provider: 'cpu', threads: expect.any(Number), precision: 'float32', tuned: true });
    const busy: Tuning = { checkRoom: () => Promise.reject(new Error('nothing is to be measured')), limitMs: 1 };
    expect((await opened({}, { tuning: busy })).inference).toEqual(first.inference);
  });

  it('runs with the defaults where the machine has no room, and says why', async () => {
    const tuning: Tuning = { checkRoom: () => Promise.reject(new Error('the machine is busy')), limitMs: 1000 };
    const { inference } = await opened({}, { tuning });
    expect(inference).toMatchObject({ provider: 'cpu', tuned: false, reason: 'not tuned: the machine is busy' });
    expect(existsSync(join(folder, 'tuning.json'))).toBe(false);
  });

  it('comes up at once where it is to be measured later, and as it was found from then on', async () => {
    const unmeasured: Tuning = { checkRoom: () => Promise.reject(new Error('nothing is to be measured')), limitMs: 1 };
    const first = await opened({}, { tune: 'later', tuning: unmeasured });
    expect(first).toMatchObject({ isTunable: true, inference: { provider: 'cpu', tuned: false } });
    expect(first.inference.reason).toBeUndefined();
    await expect(opened({}, { tune: 'must', tuning: unmeasured })).rejects.toThrow('not tuned: nothing is to be measured');
    const measured = await opened({}, { tune: 'must' });
    expect(measured).toMatchObject({ isTunable: false, inference: { tuned: true } });
    expect(await opened({}, { tune: 'later', tuning: unmeasured })).toEqual(measured);
  });

  it('runs with the defaults where the measurement takes too long', async () => {
    const { inference } = await opened({}, { tuning: { ...quiet, limitMs: 1 } });
    expect(inference).toMatchObject({ tuned: false, reason: expect.stringContaining('more than 0.001 s') });
  });

  it('is not measured where the operator has said everything', async () => {
    expect((await opened({ tune: false, threads: 2 })).inference).toEqual({
      provider: 'cpu',
      threads: 2,
      precision: 'float32',
      tuned: false,
    });
    expect((await opened({ threads: 2 })).inference).toEqual({ provider: 'cpu', threads: 2, precision: 'float32', tuned: false });
  });

  it('may run as its float32 twin, and stays the variant that it is', async () => {
    const { file: bytes } = await quantizeVariant(file, { frames: lineFrames(1, 8, readVariant(file)) });
    const { inference, variant } = await opened({ twins: true, threads: 1 }, { bytes });
    expect(inference).toMatchObject({ tuned: true, threads: 1 });
    expect(['int8', 'float32']).toContain(inference.precision);
    expect(variant).toEqual(readVariant(bytes));
  });
});

describe('an execution provider', () => {
  it('that is not installed gives way to the CPU, and the reason is told', async () => {
    const { inference } = await opened({ providers: ['cuda'], tune: false });
    expect(inference).toMatchObject({ provider: 'cpu', reason: expect.stringMatching(/^cuda: .+/) });
  });

  it('that failed at work is passed over', async () => {
    const { inference } = await opened({ providers: ['webgpu'], tune: false, failed: { webgpu: 'it failed at work: lost' } });
    expect(inference).toMatchObject({ provider: 'cpu', reason: expect.stringMatching(/^webgpu: /) });
  });

  it('that ended the process when it was tried is not tried again', async () => {
    writeFileSync(join(folder, 'provider-trial.json'), JSON.stringify({ provider: 'webgpu', runtime: runtimeVersion() }));
    const { inference } = await opened({ providers: ['webgpu'], tune: false });
    expect(inference).toMatchObject({ provider: 'cpu', reason: expect.stringMatching(/^webgpu: .*(ended the process|no execution|not)/) });
  });
});
