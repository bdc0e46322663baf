/** @file Measuring in a process of its own. Runs the built child. */
import { describe, expect, it } from 'vitest';
import { buildVariant, readVariant } from '../src/index.ts';
import { measureApart } from '../src/measure/apart.ts';

const file = buildVariant({ family: 'v1', alpha: 0.25, rho: 32, labels: ['a', 'b'], seed: 4 });
const model = { variant: readVariant(file), read: async () => file };
const cpu = { provider: 'cpu', threads: 1 };
const options = { frames: 30, budgetMs: 300, limitMs: 60_000 };

describe('measureApart', () => {
  it('gives a latency for each setting, in their order', async () => {
    const measured = await measureApart(model, [cpu, { provider: 'cpu', threads: 2 }], options);
    expect(measured.map(({ setting, sha256 }) => [setting.threads, sha256])).toEqual(
      [1, 2].map((threads) => [threads, model.variant.sha256]),
    );
    for (const { latency } of measured) {
      expect(latency.p50).toBeGreaterThan(0);
      expect(latency.rounds.length).toBeGreaterThanOrEqual(3);
    }
  });

  it('tells what the child said where a setting does not run', async () => {
    await expect(measureApart(model, [{ provider: 'nowhere', threads: 1 }], options)).rejects.toMatchObject({
      code: 'warmup_failed',
      message: expect.stringContaining('nowhere'),
    });
  });

  it('ends a child that takes too long', async () => {
    await expect(measureApart(model, [cpu], { ...options, limitMs: 1 })).rejects.toThrow('more than 0.001 s');
  });

  it('ends the child when it is called off', async () => {
    const abort = new AbortController();
    const measuring = measureApart(model, [cpu], { ...options, signal: abort.signal });
    abort.abort(new Error('called off'));
    await expect(measuring).rejects.toThrow('called off');
  });
});
