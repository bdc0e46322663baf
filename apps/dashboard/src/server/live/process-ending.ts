/** @file When this process is told to end, what would keep it alive for as long as a browser looks has to let go. */

const key = Symbol.for('alpharho.web.ending');

/** Fires on SIGTERM and SIGINT. One for the process, however many bundles the pages are built into. */
export function processEnding(): AbortSignal {
  const holder = globalThis as { [key]?: AbortSignal };
  if (holder[key] === undefined) {
    const controller = new AbortController();
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => controller.abort());
    holder[key] = controller.signal;
  }
  return holder[key];
}
