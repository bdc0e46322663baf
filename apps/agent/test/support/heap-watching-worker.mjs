// The classifier's worker as it is, with a look at its heap and its buffers after each frame.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { getEnvironmentData, parentPort } from 'node:worker_threads';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');
const { heap, module, cleanAt } = getEnvironmentData('heap');
const readings = new Float64Array(heap);
const post = parentPort.postMessage.bind(parentPort);
let frames = 0;
parentPort.postMessage = (message) => {
  post(message);
  if (!Array.isArray(message)) return;
  if (cleanAt.includes(frames)) for (let times = 0; times < 2; times += 1) gc();
  const { heapUsed, external } = process.memoryUsage();
  readings[frames] = heapUsed + external;
  frames += 1;
};
await import(module);
