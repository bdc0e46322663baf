/**
 * @file What a child process does for `measureCold`: opens a variant, classifies a frame, and says when and with how much memory.
 * Arguments: model file, execution provider, threads, frames. Prints one line of JSON.
 */
import { readFile } from 'node:fs/promises';
import { createClassifier } from '../runtime/classifier.ts';
import type { ColdReport } from './cold.ts';
import { noiseFrame } from './latency.ts';

/** By now Node has started, and this code and the runtime's library are loaded. */
const loaded = performance.now();
const base = process.memoryUsage.rss();

const [file = '', provider = 'cpu', threads = '1', frames = '20'] = process.argv.slice(2);
const classifier = await createClassifier(await readFile(file), { provider, threads: Number(threads) });
const opened = performance.now();
const frame = noiseFrame(classifier.variant.rho);
await classifier.classify(frame);
const answered = performance.now();
for (let index = 1; index < Number(frames); index++) await classifier.classify(frame);
const steady = process.memoryUsage.rss();
const report: ColdReport = {
  born: performance.timeOrigin,
  loaded,
  opened,
  answered,
  // The kernel counts the two on their own, and not to the page.
  memory: { base, steady, peak: Math.max(steady, await peakMemory()) },
};
process.stdout.write(`${JSON.stringify(report)}\n`);
await classifier.close();

/** Linux counts the high-water mark of this program alone; `maxRSS` would count the parent that it was forked from. */
async function peakMemory(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? process.resourceUsage().maxRSS;
  return Number(kilobytes) * 1024;
}
