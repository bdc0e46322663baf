/**
 * @file A classifier's own thread: the runtime's calls block whoever makes them. It takes frames from shared memory, waits
 * there without its event loop, and sends back a handful of numbers for each.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { type Classifier, goldenInput, readVariant } from '@alpharho/mobilenet-core/classify';
import { type ErrorCode, isAlpharhoError } from '@alpharho/protocol';
import { FrameTaker, type SharedSlots } from '../../domain/newest-wins.ts';
import { type FromWorker, packResult, type ToWorker, type WorkerData } from './messages.ts';
import { openTuned } from './open-tuned.ts';

/** Classes of the golden answer: those of its manifest, and some more to tell where one of them went. */
const goldenTop = 10;

const { top, preferences } = workerData as WorkerData;
const post = (message: FromWorker): void => parentPort?.postMessage(message);

/** Reads the file at once, and goes on when it is told to. */
async function main(): Promise<void> {
  const { classifier, slots } = await open();
  await classify(classifier, slots);
  await classifier.close();
}

/** The file's bytes are garbage once it has returned: a session has weights of its own. */
async function open(): Promise<{ classifier: Classifier; slots: SharedSlots }> {
  const { file } = workerData as WorkerData;
  (workerData as { file?: Uint8Array }).file = undefined;
  const variant = readVariant(file);
  const told = new Promise<ToWorker>((resolve) => parentPort?.once('message', resolve));
  post({ type: 'read', variant });
  const { slots, rho, tune } = await told;
  const { classifier, inference, isTunable } = await openTuned(file, variant, { rho, tune }, preferences);
  const input = goldenInput(rho);
  const start = performance.now();
  const { top: golden } = await classifier.classify(input, goldenTop);
  post({ type: 'warm', warmupMs: performance.now() - start, golden, inference, isTunable });
  return { classifier, slots };
}

async function classify(classifier: Classifier, slots: SharedSlots): Promise<void> {
  const taker = new FrameTaker(slots);
  for (let taken = taker.take(); taken !== undefined; ) {
    const { ticket } = taken;
    const { top: best, ms } = await classifier.classify(taken.frame, top);
    if (!best.every(({ probability }) => Number.isFinite(probability)))
      throw new Error('the model answers with values that are no numbers');
    // Before the answer is told: a source that gives a frame for each answer would replace the one that waits.
    const next = taker.poll();
    post(packResult({ ticket, top: best, stages: ms }));
    taken = next ?? taker.take();
  }
}

function codeOf(error: unknown): ErrorCode {
  return isAlpharhoError(error) ? error.code : 'internal';
}

main().catch((error: unknown) => {
  post({ type: 'failed', code: codeOf(error), message: error instanceof Error ? error.message : String(error) });
});
