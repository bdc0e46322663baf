/** @file Real classifiers in real threads, on a real (untrained) variant. Runs the built worker. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildVariant, createClassifier, drawInspectionLine, readVariant } from '@alpharho/mobilenet-core';
import { isAlpharhoError, type Prediction } from '@alpharho/protocol';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Lane, LaneResult } from '../src/domain/ports.ts';
import { WorkerClassifiers } from '../src/io/inference/worker-lane.ts';
import { systemClock as clock } from '../src/io/system/clock.ts';
import { eventually } from './support/wait.ts';

const module = new URL('../dist/io/inference/worker.js', import.meta.url);
const file = buildVariant({ family: 'v1', alpha: 0.25, rho: 64, labels: ['a', 'b', 'c', 'd'], seed: 5 });
const folder = mkdtempSync(join(tmpdir(), 'alpharho-lane-'));
const preferences = { providers: undefined, threads: 1, tune: false, twins: false, folder };
const classifiers = new WorkerClassifiers({ module, preferences, top: 3, clock });
const never = new AbortController().signal;
const open: Lane[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((lane) => lane.close()));
});

async function warmLane() {
  const staged = await classifiers.open(file, never);
  const { lane, warmupMs } = await staged.warm(never);
  open.push(lane);
  const results: LaneResult[] = [];
  const faults: string[] = [];
  lane.listen({ result: (result) => results.push(result), fault: (error) => faults.push(error.message) });
  return { lane, warmupMs, results, faults };
}

afterAll(() => rmSync(folder, { recursive: true }));

const picture = (index: number): Uint8Array => {
  const pixels = new Uint8Array(64 * 64 * 3);
  drawInspectionLine(1, index, { rho: 64, crop: 1 }, pixels);
  return pixels;
};

describe('a classifier in its own thread', () => {
  it('reads the file before it runs it', async () => {
    const staged = await classifiers.open(file, never);
    expect(staged.variant).toEqual(readVariant(file));
    staged.discard();
  });

  it('gives the answers that the classifier gives', async () => {
    const { lane, results, warmupMs } = await warmLane();
    expect(warmupMs).toBeGreaterThan(0);
    const reference = await createClassifier(file);
    for (let index = 0; index < 5; index += 1) {
      lane.slot.set(picture(index * 9));
      lane.submit(index + 1);
      const result = await eventually('an answer', () => results[index]);
      const expected = (await reference.classify(picture(index * 9), 3)).top;
      expect(result.ticket).toBe(index + 1);
      expect(result.top).toEqual(expected satisfies Prediction[]);
      expect(result.stages.inference).toBeGreaterThan(0);
    }
    await reference.close();
  });

  it('answers or gives back every frame, however fast they come', async () => {
    const { lane, results, faults } = await warmLane();
    const replaced: number[] = [];
    const frame = picture(3);
    for (let ticket = 1; ticket <= 3000; ticket += 1) {
      lane.slot.set(frame);
      const other = lane.submit(ticket);
      if (other !== undefined) replaced.push(other);
      // Gives results a chance to come in between.
      if (ticket % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually('the last frame', () => results.at(-1)?.ticket === 3000);
    const tickets = results.map(({ ticket }) => ticket);
    expect(tickets).toEqual([...tickets].sort((a, b) => a - b));
    expect([...tickets, ...replaced].sort((a, b) => a - b)).toEqual(Array.from({ length: 3000 }, (_, index) => index + 1));
    expect(replaced.length).toBeGreaterThan(0);
    expect(faults).toEqual([]);
  });

  it('refuses a damaged file and one that is no variant', async () => {
    const refused = (bytes: Uint8Array, code: string) =>
      expect(classifiers.open(bytes, never)).rejects.toSatisfy((error) => isAlpharhoError(error) && error.code === code);
    await refused(file.subarray(0, file.length / 2), 'model_corrupt');
    await refused(Buffer.from('this is no model'), 'model_corrupt');
  });

  it('ends at once when it is called off', async () => {
    const abort = new AbortController();
    const opening = classifiers.open(file, abort.signal);
    abort.abort(new Error('called off'));
    await expect(opening).rejects.toThrow('called off');
    const staged = await classifiers.open(file, never);
    const second = new AbortController();
    const warming = staged.warm(second.signal);
    second.abort(new Error('called off'));
    await expect(warming).rejects.toThrow('called off');
  });

  it('tells when its thread is gone', async () => {
    const { lane, faults } = await warmLane();
    const { handle } = lane as unknown as { handle: { terminate: () => Promise<void> } };
    await handle.terminate();
    await eventually('the fault', () => faults.length === 1);
    lane.slot.fill(0);
    expect(lane.submit(1)).toBeUndefined();
  });

  it('goes without an accelerator that failed at work', async () => {
    const module = new URL('./support/accelerated-worker.mjs', import.meta.url);
    const accelerated = new WorkerClassifiers({ module, preferences, top: 3, clock });
    const warm = async () => (await (await accelerated.open(file, never)).warm(never)).lane;
    const first = await warm();
    expect(first.inference.provider).toBe('cuda');
    const faults: string[] = [];
    first.listen({ result: () => undefined, fault: (error) => faults.push(error.message) });
    first.submit(1);
    await eventually('the fault', () => faults.length === 1);
    const second = await warm();
    expect(second.inference).toMatchObject({ provider: 'cpu', reason: expect.stringContaining('the device was lost') });
    await second.close();
  });

  it('can be opened and closed many times over', async () => {
    for (let round = 0; round < 8; round += 1) {
      const { lane, results } = await warmLane();
      lane.slot.set(picture(round));
      lane.submit(1);
      await eventually('an answer', () => results.length === 1);
      await lane.close();
      open.pop();
    }
  });
});
