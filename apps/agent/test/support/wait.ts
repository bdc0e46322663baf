/** @file Waiting for something that real processes and sockets bring about. */

/** A busy machine takes some times as long as a quiet one; waiting costs nothing where what is waited for comes. */
const usual = 4;

/** How many times as long as on a quiet machine everything may take: on an emulated one ALPHARHO_TEST_PATIENCE says so. */
export const patience = Number(process.env.ALPHARHO_TEST_PATIENCE ?? usual);

/** Where nothing keeps up with real time, what measures it says nothing. */
export const isSlow = patience > usual;

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
