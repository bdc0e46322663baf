/**
 * @file Lets through as many frames a second as the governor allows, evenly. What is not let through costs nothing: the camera gets no
 * memory for it, it has no number, and it counts neither as captured nor as dropped, since nobody wanted it.
 */
import type { AlpharhoError } from '@alpharho/protocol';
import type { Clock } from '../domain/clock.ts';
import { type FrameFormat, sameFormat } from '../domain/frames.ts';
import type { FrameSink } from '../domain/ports.ts';

/** How quickly the estimate of the camera's own pace follows it. */
const follow = 0.1;

/** INVARIANT: between a `begin` that was let through and its `commit`, the frame is the sink's. */
export class Pacer implements FrameSink {
  private readonly clock: Clock;
  private readonly sink: FrameSink;
  private readonly onFrame: () => void;
  /** Formats whose frame under way is not wanted. */
  private unwanted: FrameFormat[] = [];
  private perFrame: number | undefined;
  private due = 0;
  private lastAt: number | undefined;
  /** Milliseconds between the camera's frames. */
  private gap = 0;

  /** @param onFrame the camera gave a frame, wanted or not */
  constructor(clock: Clock, sink: FrameSink, onFrame: () => void) {
    this.clock = clock;
    this.sink = sink;
    this.onFrame = onFrame;
  }

  /** @param rate frames a second; undefined: all of them */
  pace(rate: number | undefined): void {
    this.perFrame = rate === undefined ? undefined : 1000 / rate;
  }

  begin(format: FrameFormat): Uint8Array | undefined {
    this.unwanted = this.unwanted.filter((other) => !sameFormat(other, format));
    if (this.takes()) return this.sink.begin(format);
    this.unwanted.push(format);
    return undefined;
  }

  commit(format: FrameFormat, captureMs: number): void {
    this.onFrame();
    const isUnwanted = this.unwanted.some((other) => sameFormat(other, format));
    this.unwanted = this.unwanted.filter((other) => !sameFormat(other, format));
    if (!isUnwanted) this.sink.commit(format, captureMs);
  }

  skip(): void {
    this.onFrame();
    if (this.takes()) this.sink.skip();
  }

  room(): Promise<void> | undefined {
    return this.sink.room();
  }

  fault(error: AlpharhoError): void {
    this.sink.fault(error);
  }

  recovered(): void {
    this.sink.recovered();
  }

  ended(): void {
    this.sink.ended();
  }

  /** Whether the frame that begins now is the one nearest to when the next is due. */
  private takes(): boolean {
    const now = this.clock.monotonic();
    const gap = now - (this.lastAt ?? now);
    this.lastAt = now;
    this.gap = this.gap === 0 ? gap : this.gap + follow * (gap - this.gap);
    const { perFrame } = this;
    if (perFrame === undefined) return true;
    if (now + Math.min(this.gap, perFrame) / 2 < this.due) return false;
    // What a slow camera missed is not made up for.
    this.due = Math.max(this.due, now - perFrame) + perFrame;
    return true;
  }
}
