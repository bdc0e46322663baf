/**
 * @file What a child process does for `measureApart`: reads a line that says what to measure and then the model's bytes from stdin, and
 * prints the latencies as JSON. It ends as soon as its stdin does.
 */
import { setPriority } from 'node:os';
import { readVariant } from '../variant/read.ts';
import type { ApartOrder } from './apart.ts';
import { measureSettings } from './measure-settings.ts';

/** Behind everything else: what serves goes first. */
const lowPriority = 19;

setPriority(lowPriority);
process.once('uncaughtException', (error) => {
  process.stderr.write(`${error.message}\n`, () => process.exit(1));
});
const { order, file } = await receive();
process.stdin.once('end', () => process.exit(1));
process.stdin.resume();
const measured = await measureSettings({
  models: [{ variant: readVariant(file), read: async () => file }],
  settings: order.settings,
  frames: order.frames,
  budgetMs: order.budgetMs,
});
process.stdout.write(JSON.stringify(measured.map(({ latency }) => latency)), () => process.exit(0));

async function receive(): Promise<{ order: ApartOrder; file: Uint8Array }> {
  let line = '';
  let order: ApartOrder | undefined;
  let filled = 0;
  let file = new Uint8Array();
  for await (const chunk of process.stdin.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    let rest = chunk;
    if (order === undefined) {
      const end = chunk.indexOf('\n');
      line += chunk.subarray(0, end < 0 ? chunk.length : end).toString();
      if (end < 0) continue;
      order = JSON.parse(line) as ApartOrder;
      file = new Uint8Array(order.bytes);
      rest = chunk.subarray(end + 1);
    }
    file.set(rest, filled);
    filled += rest.length;
    if (filled === file.length) return { order, file };
  }
  throw new Error('the model was cut short');
}
