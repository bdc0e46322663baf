/** @file Notices that somebody set the device's clock. Nothing here depends on it: intervals are measured by a clock that never jumps. */
import { type Cancel, type Clock, every } from '../domain/clock.ts';
import type { Emit } from '../domain/events.ts';

const lookMs = 5000;
/** NTP moves a clock by 0.5 ms a second at most where it does not set it (adjtimex(2)), and timers may be a little late. */
const jumpMs = 1000;

/** Compares the two clocks every five seconds. */
export class ClockWatch {
  private readonly clock: Clock;
  private readonly emit: Emit;
  /** Device time less monotonic time: it stands still unless the clock is set. */
  private offset = 0;
  private cancel: Cancel | undefined;

  constructor(clock: Clock, emit: Emit) {
    this.clock = clock;
    this.emit = emit;
  }

  start(): void {
    this.offset = this.read();
    this.cancel = every(this.clock, lookMs, () => this.look());
  }

  stop(): void {
    this.cancel?.();
  }

  private look(): void {
    const offset = this.read();
    const milliseconds = Math.round(offset - this.offset);
    this.offset = offset;
    if (Math.abs(milliseconds) < jumpMs) return;
    const words = `${Math.round(Math.abs(milliseconds) / 100) / 10} s ${milliseconds > 0 ? 'forward' : 'back'}`;
    this.emit({
      id: 'clock.jumped',
      level: 'warning',
      message: `the device's clock was set ${words}, or the device slept`,
      detail: { milliseconds },
    });
  }

  private read(): number {
    return this.clock.wall() - this.clock.monotonic();
  }
}
