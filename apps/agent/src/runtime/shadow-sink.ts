/**
 * @file Shows the frames that are served to a second classifier too. Where the served format holds what the other wants, its frames are
 * made of the served ones; else the camera gives a format that holds both, and each gets its own.
 */
import type { AlpharhoError } from '@alpharho/protocol';
import { type FrameFormat, frameBytes, sameFormat } from '../domain/frames.ts';
import type { FrameSink, Lane } from '../domain/ports.ts';
import { commonFormat, Resampler } from '../domain/resample.ts';

type Make = (from: Uint8Array, to: Uint8Array) => void;

type Shadow = { readonly lane: Lane; readonly make: Make };
/** What the camera gives → what is served. */
type Translation = { readonly from: FrameFormat; readonly to: FrameFormat; readonly memory: Uint8Array; readonly make: Make };

/**
 * INVARIANTS: numbers, order and counts of the served frames are the sink's alone, and a shadow never holds one back. A translation
 * lives until the camera gives another format, so that no frame is missed while it changes over.
 */
export class ShadowSink implements FrameSink {
  private readonly sink: FrameSink;
  private shadow: Shadow | undefined;
  private translation: Translation | undefined;
  /** Of the frame that is being filled. */
  private open: Translation | undefined;
  /** What the frame that is just being handed on was made of. */
  private source: Uint8Array | undefined;

  constructor(sink: FrameSink) {
    this.sink = sink;
  }

  /**
   * From now on `lane` sees what is served, as a ticket the negated number of the frame.
   * @param served format of the frames that are served; it stays for as long as the shadow does
   * @returns what the camera is to give
   */
  show(lane: Lane, served: FrameFormat): FrameFormat {
    const common = commonFormat(lane.format, served);
    this.shadow = { lane, make: maker(common, lane.format) };
    this.translation = sameFormat(common, served)
      ? undefined
      : { from: common, to: served, memory: new Uint8Array(frameBytes(common)), make: maker(common, served) };
    return common;
  }

  /** @param succeeds the lane serves next: the next frame of its format is its own */
  hide(succeeds: boolean): void {
    const { shadow, translation } = this;
    this.shadow = undefined;
    if (succeeds && shadow !== undefined && translation !== undefined && sameFormat(translation.from, shadow.lane.format)) {
      this.translation = undefined;
    }
  }

  /** A frame is served. @param pixels in the served format */
  filled(frame: number, pixels: Uint8Array): void {
    const { shadow, translation } = this;
    if (shadow === undefined) return;
    // While the camera has not changed over yet, the served frame alone does not hold what the other wants.
    const source = translation === undefined ? pixels : this.source;
    if (source === undefined) return;
    shadow.make(source, shadow.lane.slot);
    shadow.lane.submit(-frame);
  }

  begin(format: FrameFormat): Uint8Array | undefined {
    const { translation } = this;
    if (translation === undefined || !sameFormat(translation.from, format)) return this.sink.begin(format);
    this.open = translation;
    return translation.memory;
  }

  commit(format: FrameFormat, captureMs: number): void {
    const { open } = this;
    if (open !== undefined && sameFormat(open.from, format)) {
      this.open = undefined;
      this.translate(open, captureMs);
      return;
    }
    if (this.shadow === undefined) this.translation = undefined;
    this.sink.commit(format, captureMs);
  }

  skip(): void {
    this.sink.skip();
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

  private translate({ to, memory, make }: Translation, captureMs: number): void {
    const target = this.sink.begin(to);
    if (target !== undefined) make(memory, target);
    this.source = memory;
    this.sink.commit(to, captureMs);
    this.source = undefined;
  }
}

function maker(from: FrameFormat, to: FrameFormat): Make {
  if (sameFormat(from, to)) return (source, target) => target.set(source);
  const resampler = new Resampler(from, to);
  return (source, target) => resampler.run(source, target);
}
