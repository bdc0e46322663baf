// Speaks like the classifier's worker on a board with an accelerator whose driver dies at the first frame: no machine here has one.
import { parentPort, workerData } from 'node:worker_threads';

const reason = workerData.preferences.failed.cuda;
parentPort.once('message', ({ slots }) => {
  const provider = reason === undefined ? 'cuda' : 'cpu';
  const inference = {
    provider,
    threads: 1,
    precision: 'float32',
    tuned: false,
    ...(reason !== undefined && { reason: `cuda: ${reason}` }),
  };
  parentPort.postMessage({ type: 'warm', warmupMs: 1, inference, isTunable: false });
  const control = new Int32Array(slots.control);
  // The bell: rung with each frame, and at the end.
  Atomics.wait(control, 1, 0);
  if (provider === 'cuda') throw new Error('the device was lost');
});
parentPort.postMessage({ type: 'read', variant: { rho: 32, preprocessing: { crop: 1 }, labels: [] } });
