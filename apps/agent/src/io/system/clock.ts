/** @file The machine's own time. */
import type { Clock } from '../../domain/clock.ts';

const start = Date.now() - performance.now();

export const systemClock: Clock = {
  now: () => Math.round(start + performance.now()),
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
