/** @file Notices a stream that gives no frames: one timer, however many come. */
import type { Cancel, Clock } from '../../domain/clock.ts';
import { firstFrameMs, stallMs } from './patience.ts';

/** INVARIANT: `onStall` is called at most once for each `start`, and not after `stop`. */
export class StallWatch {
  private readonly clock: Clock;
  private readonly onStall: (ms: number) => void;
  private readonly isHeld: () => boolean;
  private frameAt: number | undefined;
  private cancel: Cancel | undefined;

  /**
   * @param onStall called with how long there was no frame
   * @param isHeld whether it is we who let no frame come
   */
  constructor(clock: Clock, onStall: (ms: number) => void, isHeld: () => boolean = () => false) {
    this.clock = clock;
    this.onStall = onStall;
    this.isHeld = isHeld;
  }

  /** The stream begins. */
  start(): void {
    this.stop();
    this.frameAt = undefined;
    this.arm(firstFrameMs);
  }

  /** A frame came. Nothing where the stream has ended. */
  frame(): void {
    if (this.cancel === undefined) return;
    const isFirst = this.frameAt === undefined;
    this.frameAt = this.clock.monotonic();
    if (isFirst) this.arm(stallMs);
  }

  stop(): void {
    this.cancel?.();
    this.cancel = undefined;
  }

  private arm(ms: number): void {
    this.cancel?.();
    this.cancel = this.clock.after(ms, () => this.look());
  }

  /** Looks when the latest frame was, and goes on to wait for the rest. */
  private look(): void {
    if (this.isHeld()) this.frameAt = this.clock.monotonic();
    const rest = this.frameAt === undefined ? 0 : this.frameAt + stallMs - this.clock.monotonic();
    if (rest > 0) {
      this.arm(rest);
      return;
    }
    this.cancel = undefined;
    this.onStall(this.frameAt === undefined ? firstFrameMs : stallMs);
  }
}
