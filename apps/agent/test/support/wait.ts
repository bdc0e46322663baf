/** @file Waiting for something that real processes and sockets bring about. */

/** How many times as long everything may take: on an emulated machine ALPHARHO_TEST_PATIENCE says so, else 1. */
export const patience = Number(process.env.ALPHARHO_TEST_PATIENCE ?? 1);

/** Where nothing keeps up with real time, what measures it says nothing. */
export const isSlow = patience > 1;

/** Polls until `condition` gives something other than undefined or false. @throws after `withinMs` × patience, naming what was waited for */
export async function eventually<T>(what: string, condition: () => T | undefined | false, withinMs = 15_000): Promise<T> {
  const deadline = performance.now() + withinMs * patience;
  for (;;) {
    const value = condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`waited ${withinMs * patience} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
