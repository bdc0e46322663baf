/** @file Time as a port, so that tests own it. */

/** Stops a timer; a second call does nothing. */
export type Cancel = () => void;

export interface Clock {
  /**
   * Milliseconds since 1970 by the session's clock: the device's clock at the start, and from there on no jump, whoever sets the device's.
   * Whole. Everything that is sent bears this time: the hub finds out how far it is off, once for the session, and so what was seen
   * before a Pi without a battery learned the time is put right with the rest.
   */
  now(): number;
  /** Milliseconds since 1970 by the device's clock, which may be wrong and may jump. Whole. */
  wall(): number;
  /** Milliseconds from an arbitrary start; never jumps. With fractions. */
  monotonic(): number;
  /** Calls once after `ms`. */
  after(ms: number, callback: () => void): Cancel;
}

/** Calls every `ms` until cancelled. */
export function every(clock: Clock, ms: number, callback: () => void): Cancel {
  let cancel: Cancel;
  const arm = (): void => {
    cancel = clock.after(ms, () => {
      arm();
      callback();
    });
  };
  arm();
  return () => cancel();
}

/** Resolves when the work has ended, or after `ms`. @throws what the work throws until then */
export async function within(clock: Clock, ms: number, work: Promise<unknown>): Promise<void> {
  let cancel: Cancel = () => undefined;
  const limit = new Promise<void>((resolve) => {
    cancel = clock.after(ms, resolve);
  });
  try {
    await Promise.race([work, limit]);
  } finally {
    cancel();
  }
}

/** Resolves after `ms`. @throws the signal's reason once it is aborted. */
export function delay(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      cancel();
      reject(signal.reason);
    };
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
