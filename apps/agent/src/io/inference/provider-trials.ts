/**
 * @file Remembers which execution provider is being tried: a driver that is broken may end the whole process, and the next one must not
 * walk into the same trap again.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { readSmall } from '../system/read-small.ts';

/** Ten times as much as a trial takes. */
const maxBytes = 2000;

const trialSchema = z.object({ provider: z.string().max(40), runtime: z.string().max(100) });

export class ProviderTrials {
  private readonly path: string;
  private readonly runtime: string;

  /** @param runtime its name and version: another one gets another try */
  constructor(path: string, runtime: string) {
    this.path = path;
    this.runtime = runtime;
  }

  /** Whether this process's predecessor did not survive the provider. */
  async ended(provider: string): Promise<boolean> {
    try {
      const trial = trialSchema.parse(JSON.parse((await readSmall(this.path, maxBytes)) ?? ''));
      return trial.provider === provider && trial.runtime === this.runtime;
    } catch {
      return false;
    }
  }

  /** Runs a try; only one that ends the process leaves a trace. */
  async run<T>(provider: string, attempt: () => Promise<T>): Promise<T> {
    mkdirSync(dirname(this.path), { recursive: true });
    writeFileSync(this.path, JSON.stringify({ provider, runtime: this.runtime }), { flush: true });
    try {
      return await attempt();
    } finally {
      rmSync(this.path, { force: true });
    }
  }
}
