/** @file Time that moves only when a test moves it. */
import type { Cancel, Clock } from '../../src/domain/clock.ts';

type Timer = { readonly due: number; readonly callback: () => void };

export class FakeClock implements Clock {
  private time = 0;
  private timers: Timer[] = [];
  /** 2026-01-01T00:00Z: device time is not the monotonic one. */
  private readonly epoch = 1_767_225_600_000;

  /** How far the device's clock was set since the start, milliseconds. */
  private shift = 0;

  now(): number {
    return this.epoch + Math.floor(this.time);
  }

  wall(): number {
    return this.now() + this.shift;
  }

  /** Somebody sets the device's clock. */
  jump(ms: number): void {
    this.shift += ms;
  }

  monotonic(): number {
    return this.time;
  }

  after(ms: number, callback: () => void): Cancel {
    const timer = { due: this.time + ms, callback };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /** Timers that are still to come. */
  get pending(): number {
    return this.timers.length;
  }

  /** Lets time pass: each timer in turn, with everything that it sets off. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    await settle();
    for (;;) {
      const next = this.timers.filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0];
      if (next === undefined) break;
      this.timers = this.timers.filter((other) => other !== next);
      this.time = Math.max(this.time, next.due);
      next.callback();
      await settle();
    }
    this.time = end;
  }
}

/** Lets every promise that can go on go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
