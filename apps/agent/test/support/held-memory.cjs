/**
 * @file Loaded into an agent by a test, and never shipped: on SIGUSR2 it collects garbage and appends what its main thread still holds, in
 * bytes, to the file that ALPHARHO_HELD_MEMORY names. What the process has of the system says little of that: V8 takes its time.
 */
const { appendFileSync } = require('node:fs');
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');
const { isMainThread } = require('node:worker_threads');

if (isMainThread) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  process.on('SIGUSR2', () => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    appendFileSync(process.env.ALPHARHO_HELD_MEMORY, `${heapUsed + external}\n`);
  });
}
