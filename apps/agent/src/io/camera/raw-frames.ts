/** @file Cuts a stream of bytes into frames, straight into the memory that they are classified from. */
import type { Clock } from '../../domain/clock.ts';
import { type FrameFormat, frameBytes } from '../../domain/frames.ts';
import type { FrameSink } from '../../domain/ports.ts';

/** INVARIANT: bytes of a frame that nobody wants are counted and thrown away, so that the next frame begins where it should. */
export class RawFrames {
  private readonly format: FrameFormat;
  private readonly sink: FrameSink;
  private readonly clock: Clock;
  private readonly size: number;
  private filled = 0;
  private target: Uint8Array | undefined;
  private startedAt = 0;

  constructor(format: FrameFormat, sink: FrameSink, clock: Clock) {
    this.format = format;
    this.sink = sink;
    this.clock = clock;
    this.size = frameBytes(format);
  }

  /** @returns how many frames it completed */
  push(chunk: Uint8Array): number {
    let frames = 0;
    for (let offset = 0; offset < chunk.length; ) {
      if (this.filled === 0) this.begin();
      const length = Math.min(this.size - this.filled, chunk.length - offset);
      this.target?.set(chunk.subarray(offset, offset + length), this.filled);
      this.filled += length;
      offset += length;
      if (this.filled < this.size) break;
      this.filled = 0;
      frames += 1;
      // How long the frame's bytes took to arrive.
      this.sink.commit(this.format, this.clock.monotonic() - this.startedAt);
    }
    return frames;
  }

  private begin(): void {
    this.startedAt = this.clock.monotonic();
    this.target = this.sink.begin(this.format);
  }
}
