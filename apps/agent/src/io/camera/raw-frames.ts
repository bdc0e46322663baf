/** @file Cuts a stream of RGB pictures into frames, straight into the memory that they are classified from. */
import type { Clock } from '../../domain/clock.ts';
import type { FrameFormat } from '../../domain/frames.ts';
import type { FrameSink } from '../../domain/ports.ts';
import type { FrameReader } from './child-source.ts';

/** INVARIANT: bytes of a frame that nobody wants are counted and thrown away, so that the next frame begins where it should. */
export class RawFrames implements FrameReader {
  readonly length: number;
  private readonly format: FrameFormat;
  private readonly sink: FrameSink;
  private readonly clock: Clock;
  private readonly row: number;
  private readonly stride: number;
  private filled = 0;
  private target: Uint8Array | undefined;
  private startedAt = 0;

  /** @param stride bytes from one row to the next, where rows are padded */
  constructor(format: FrameFormat, sink: FrameSink, clock: Clock, stride = format.rho * 3) {
    this.format = format;
    this.sink = sink;
    this.clock = clock;
    this.row = format.rho * 3;
    this.stride = stride;
    this.length = stride * format.rho;
  }

  push(chunk: Uint8Array): number {
    let frames = 0;
    for (let offset = 0; offset < chunk.length; ) {
      if (this.filled === 0) this.begin();
      const length = Math.min(this.length - this.filled, chunk.length - offset);
      this.keep(chunk, offset, length);
      this.filled += length;
      offset += length;
      if (this.filled < this.length) break;
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

  private keep(chunk: Uint8Array, offset: number, length: number): void {
    if (this.target === undefined) return;
    if (this.stride === this.row) this.target.set(chunk.subarray(offset, offset + length), this.filled);
    else this.keepRows(this.target, chunk, offset, length);
  }

  private keepRows(target: Uint8Array, chunk: Uint8Array, offset: number, length: number): void {
    for (let at = 0; at < length; ) {
      const position = this.filled + at;
      const column = position % this.stride;
      const step = Math.min(this.stride - column, length - at);
      const useful = Math.min(this.row - column, step);
      if (useful > 0) {
        const row = Math.floor(position / this.stride);
        target.set(chunk.subarray(offset + at, offset + at + useful), row * this.row + column);
      }
      at += step;
    }
  }
}
