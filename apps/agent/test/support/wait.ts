/** @file Waiting for something that real processes and sockets bring about. */

/** Polls until `condition` gives something other than undefined or false. @throws after `withinMs`, naming what was waited for */
export async function eventually<T>(what: string, condition: () => T | undefined | false, withinMs = 15_000): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const value = condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
