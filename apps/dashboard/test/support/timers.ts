/** @file A clock that stands still until a test moves it. */
import type { Timers } from '../../src/hub/timers.ts';

export class ManualTimers implements Timers {
  now = 0;
  private next = 1;
  private readonly waiting = new Map<number, { at: number; run: () => void }>();

  setTimeout = (run: () => void, ms: number): number => {
    const handle = this.next;
    this.next += 1;
    this.waiting.set(handle, { at: this.now + ms, run });
    return handle;
  };

  clearTimeout = (handle: never): void => {
    this.waiting.delete(handle);
  };

  /** When the next timer is due, milliseconds from now. */
  get due(): number | undefined {
    const times = [...this.waiting.values()].map(({ at }) => at - this.now);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  advance(ms: number): void {
    this.now += ms;
    for (const [handle, { at, run }] of [...this.waiting].sort(([, a], [, b]) => a.at - b.at)) {
      if (at > this.now || !this.waiting.delete(handle)) continue;
      run();
    }
  }
}
