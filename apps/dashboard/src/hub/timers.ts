/** @file The clock of the machine, as a port: tests bring their own. */
export type Timers = { setTimeout: (run: () => void, ms: number) => unknown; clearTimeout: (handle: never) => void };

/** Rejects never; ends early when `signal` fires. */
export async function pause(ms: number, timers: Timers, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const end = () => {
      signal.removeEventListener('abort', end);
      timers.clearTimeout(handle as never);
      resolve();
    };
    const handle = timers.setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
