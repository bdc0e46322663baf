/** @file Cuts a stream of YUV 4:2:0 pictures into frames and turns each into RGB, once it is whole. */
import type { Placement } from '@alpharho/mobilenet-core/device';
import type { Clock } from '../../domain/clock.ts';
import type { FrameFormat } from '../../domain/frames.ts';
import type { FrameSink } from '../../domain/ports.ts';
import type { FrameReader } from './child-source.ts';

/** Three planes behind each other: brightness, then blue and red difference with half the rows and half the stride. */
export type YuvLayout = {
  /** Rows of the brightness plane; even. */
  readonly height: number;
  /** Bytes from one of its rows to the next; even. */
  readonly stride: number;
};

export function yuvBytes({ height, stride }: YuvLayout): number {
  return (height * stride * 3) / 2;
}

/** A stream that pauses so often, each time with the same part of a frame there, has bytes in it that are no picture's. */
const shiftedPauses = 10;

/** Nothing is allocated for a frame: one picture's memory is kept, and it is turned into RGB in the memory that is classified. */
export class YuvFrames implements FrameReader {
  readonly length: number;
  private readonly format: FrameFormat;
  private readonly sink: FrameSink;
  private readonly clock: Clock;
  private readonly layout: YuvLayout;
  private readonly placement: Placement;
  private readonly picture: Uint8Array;
  private readonly pauseMs: number;
  private filled = 0;
  private startedAt = 0;
  private chunkAt = 0;
  private pausedWith = 0;
  private pauses = 0;

  /** @param placement where each pixel of the picture goes in the frame @param rate frames a second; each is written at once, and then there is a pause */
  constructor(format: FrameFormat, sink: FrameSink, clock: Clock, layout: YuvLayout, placement: Placement, rate: number) {
    this.format = format;
    this.sink = sink;
    this.clock = clock;
    this.layout = layout;
    this.placement = placement;
    this.length = yuvBytes(layout);
    this.picture = new Uint8Array(this.length);
    this.pauseMs = 1000 / rate / 3;
  }

  get isShifted(): boolean {
    return this.pauses >= shiftedPauses;
  }

  push(chunk: Uint8Array): number {
    let frames = 0;
    this.countPauses();
    for (let offset = 0; offset < chunk.length; ) {
      if (this.filled === 0) this.startedAt = this.clock.monotonic();
      const length = Math.min(this.length - this.filled, chunk.length - offset);
      this.picture.set(chunk.subarray(offset, offset + length), this.filled);
      this.filled += length;
      offset += length;
      if (this.filled < this.length) break;
      this.filled = 0;
      frames += 1;
      this.deliver();
    }
    return frames;
  }

  private countPauses(): void {
    const now = this.clock.monotonic();
    const wasPause = now - this.chunkAt >= this.pauseMs;
    this.chunkAt = now;
    if (!wasPause) return;
    this.pauses = this.filled !== 0 && this.filled === this.pausedWith ? this.pauses + 1 : 0;
    this.pausedWith = this.filled;
  }

  private deliver(): void {
    const target = this.sink.begin(this.format);
    if (target !== undefined) yuvToRgb(this.picture, this.layout, this.format.rho, this.placement, target);
    this.sink.commit(this.format, this.clock.monotonic() - this.startedAt);
  }
}

/** The matrix of JPEG's colours (BT.601, full range: what libcamera calls sYCC), times 2^16. */
const redFromV = 91_881;
const greenFromU = 22_554;
const greenFromV = 46_802;
const blueFromU = 116_130;
const half = 32_768;

/**
 * The upper left side × side pixels of a picture, each colour pixel for its four bright ones.
 * @param target side × side × 3 bytes, RGB
 */
export function yuvToRgb(picture: Uint8Array, { height, stride }: YuvLayout, side: number, placement: Placement, target: Uint8Array): void {
  const planeU = height * stride;
  const planeV = planeU + planeU / 4;
  const { column: step } = placement;
  for (let row = 0; row < side; row += 1) {
    const chroma = (row >> 1) * (stride / 2);
    let at = row * stride;
    let out = (placement.origin + row * placement.row) * 3;
    for (let column = 0; column < side; column += 1, at += 1, out += step * 3) {
      const bright = ((picture[at] as number) << 16) + half;
      const u = (picture[planeU + chroma + (column >> 1)] as number) - 128;
      const v = (picture[planeV + chroma + (column >> 1)] as number) - 128;
      const red = (bright + redFromV * v) >> 16;
      const green = (bright - greenFromU * u - greenFromV * v) >> 16;
      const blue = (bright + blueFromU * u) >> 16;
      target[out] = clamp(red);
      target[out + 1] = clamp(green);
      target[out + 2] = clamp(blue);
    }
  }
}

function clamp(value: number): number {
  return value < 0 ? 0 : Math.min(value, 255);
}
