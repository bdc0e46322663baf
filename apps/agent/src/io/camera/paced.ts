/** @file Calls at a steady rate, without drift and without bursts after a pause. */
import type { Cancel, Clock } from '../../domain/clock.ts';

/**
 * Calls `tick` `rate` times a second. The next call waits until the promise of the one before has settled. Beats that were
 * missed meanwhile are left out, and so is one that is nearer than half a beat: two frames at once would cost one of them.
 * @returns ends it; a tick in work is not waited for
 */
export function paced(clock: Clock, rate: number, tick: () => Promise<void> | void): Cancel {
  const interval = 1000 / rate;
  let due = clock.monotonic();
  let stopped = false;
  let cancel: Cancel = () => undefined;
  const beat = async (): Promise<void> => {
    await tick();
    if (stopped) return;
    const now = clock.monotonic();
    due += Math.max(Math.ceil((now + interval / 2 - due) / interval), 1) * interval;
    cancel = clock.after(Math.max(due - now, 0), () => void beat());
  };
  cancel = clock.after(0, () => void beat());
  return () => {
    stopped = true;
    cancel();
  };
}
