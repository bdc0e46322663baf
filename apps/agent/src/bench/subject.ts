/** @file What is measured: a demonstration variant with random weights, which take the same time as trained ones, and its bare session. */
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { buildVariant, inspectionLineLabels, type ModelSession, openOnnxSession } from '@alpharho/mobilenet-core';
import { formatAlpha } from '@alpharho/protocol';
import type { Preferences } from '../io/inference/preferences.ts';
import { pause } from './figures.ts';
import { rawFrame } from './ports.ts';

/** Threads of one inference, on both sides of every comparison. */
export const threads = 1;
/** Nothing is measured but what the bench measures. */
export const preferences: Preferences = { providers: ['cpu'], threads, tune: false, twins: false, folder: tmpdir() };

export type Subject = {
  readonly name: string;
  readonly alpha: number;
  readonly rho: number;
  readonly labels: readonly string[];
  readonly file: Uint8Array;
  readonly modelFile: string;
  /** Of its own. */
  readonly folder: string;
};

export const pairs = [
  { alpha: 0.25, rho: 128 },
  { alpha: 0.5, rho: 160 },
  { alpha: 1, rho: 224 },
] as const;

export async function makeSubject({ alpha, rho }: { alpha: number; rho: number }, folder: string): Promise<Subject> {
  const labels = [...inspectionLineLabels];
  const file = buildVariant({ family: 'v1', alpha, rho, labels, seed: 1 });
  const modelFile = join(folder, `${alpha}-${rho}.onnx`);
  await writeFile(modelFile, file);
  return { name: `V1 ${formatAlpha(alpha)}×${rho}`, alpha, rho, labels, file, modelFile, folder: join(folder, `${alpha}-${rho}`) };
}

/** session.run and nothing else. */
export class BareLoop {
  private readonly session: ModelSession;

  constructor(session: ModelSession) {
    this.session = session;
  }

  static async open({ file, rho, labels }: Subject): Promise<BareLoop> {
    const session = await openOnnxSession(file, { rho, classes: labels.length, threads });
    session.input.set(rawFrame(session.input.length));
    return new BareLoop(session);
  }

  /** @param given frames that somebody else has made so far: none is classified before it is made. @returns frames a second */
  async rate(ms: number, given?: () => number): Promise<number> {
    const start = performance.now();
    const before = given?.() ?? 0;
    let frames = 0;
    while (performance.now() - start < ms) {
      if (given === undefined || frames < given() - before) {
        await this.session.run();
        frames += 1;
        // What is given is told by events.
        if (given !== undefined) await setImmediate();
      } else {
        await pause(1);
      }
    }
    return (frames * 1000) / (performance.now() - start);
  }

  close(): Promise<void> {
    return this.session.close();
  }
}
