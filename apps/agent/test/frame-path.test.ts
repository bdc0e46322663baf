/** @file What a frame costs in memory on its way from the camera's slot to an encoded result: measured over thousands of them. */
import { tmpdir } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setEnvironmentData } from 'node:worker_threads';
import { buildVariant } from '@alpharho/mobilenet-core';
import { expect, it } from 'vitest';
import { encodeResult } from '../src/domain/batches.ts';
import { WorkerClassifiers } from '../src/io/inference/worker-lane.ts';
import { systemClock as clock } from '../src/io/system/clock.ts';
import { FrameLoop } from '../src/runtime/frame-loop.ts';
import { isSlow, patience } from './support/wait.ts';

/** An emulated machine takes a hundred times as long for each. */
const frames = isSlow ? 2000 : 10_000;
/** Frames before the first one that counts: code is compiled, and buffers grow to their size. */
const warm = frames / 5;
/** Before these frames the garbage is collected: what is more at the second stayed. */
const cleanAt = [frames / 2, frames - 1];
/** Bytes that may be allocated for a frame; all of it is garbage by the next. A copy of the pixels would be 12 288, and more at a larger ρ. */
const bounds = { main: 10_000, worker: 11_000 };
/** Bytes that may stay of a frame: none, give or take what the engine does meanwhile. */
const kept = 20;

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** Objects and buffers. */
function held(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

it(
  'allocates little for a frame, and keeps none of it',
  async () => {
    const heap = new SharedArrayBuffer(frames * Float64Array.BYTES_PER_ELEMENT);
    setEnvironmentData('heap', { heap, cleanAt, module: new URL('../dist/io/inference/worker.js', import.meta.url).href });
    const preferences = { providers: ['cpu'], threads: 1, tune: false, twins: false, folder: tmpdir() };
    const module = new URL('./support/heap-watching-worker.mjs', import.meta.url);
    const classifiers = new WorkerClassifiers({ module, preferences, top: 5, clock });
    const file = buildVariant({ family: 'v1', alpha: 0.25, rho: 64, labels: ['a', 'b', 'c', 'd', 'e'], seed: 5 });
    const { lane } = await (await classifiers.open(file, new AbortController().signal)).warm(new AbortController().signal);

    const main = new Float64Array(frames);
    let answered = 0;
    let bytes = 0;
    let done = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      done = resolve;
    });
    const nothing = (): void => undefined;
    const loop: FrameLoop = new FrameLoop(clock, {
      ...{ captured: nothing, skipped: nothing, filled: nothing, dropped: nothing, serves: nothing },
      ...{ cameraFault: nothing, cameraRecovered: nothing, cameraEnded: nothing },
      laneFault: (_lane, error) => {
        throw error;
      },
      result: (result) => {
        bytes += encodeResult(result).length;
        if (cleanAt.includes(answered)) for (let times = 0; times < 2; times += 1) gc();
        main[answered] = held();
        answered += 1;
        if (answered === frames) done();
        else feed();
      },
    });
    const { format } = lane;
    const feed = (): void => {
      loop.begin(format)?.fill(answered & 255);
      loop.commit(format, 0);
    };
    loop.switchTo(lane, nothing);
    feed();
    await ended;
    await lane.close();

    const found = { main: judge(main), worker: judge(new Float64Array(heap)) };
    process.stdout.write(
      `bytes a frame: ${found.main.allocated} in the agent's thread (its result is ${Math.round(bytes / frames)}), ${found.worker.allocated} in the classifier's; ` +
        `of them kept: ${found.main.kept.toFixed(1)} and ${found.worker.kept.toFixed(1)}\n`,
    );
    for (const thread of ['main', 'worker'] as const) {
      expect(found[thread].allocated).toBeGreaterThan(0);
      expect(found[thread].allocated).toBeLessThan(bounds[thread]);
      expect(found[thread].kept).toBeLessThan(kept);
    }
  },
  120_000 * patience,
);

/** @param readings after each frame; a collection in between makes one of them smaller than the one before */
function judge(readings: Float64Array): { allocated: number; kept: number } {
  const grown = Array.from(readings.subarray(warm + 1, -1), (reading, index) => reading - readings[warm + index]!);
  const middle = grown.sort((a, b) => a - b)[grown.length >> 1] ?? Number.NaN;
  return { allocated: Math.round(middle), kept: (readings[frames - 1]! - readings[frames / 2]!) / (frames / 2 - 1) };
}
