/** @file The built-in camera: the inspection line at its own pace, with no device, no file and no network. */
import { drawInspectionLine, type View } from '@alpharho/mobilenet-core/device';
import type { Cancel, Clock } from '../../domain/clock.ts';
import type { FrameFormat } from '../../domain/frames.ts';
import type { Camera, FrameSink } from '../../domain/ports.ts';
import { paced } from './paced.ts';

export type SyntheticCameraOptions = {
  readonly name: string;
  readonly seed: number;
  /** Frames a second. */
  readonly rate: number;
  readonly view: View;
  readonly clock: Clock;
};

export class SyntheticCamera implements Camera {
  readonly name: string;
  readonly isLive = false;
  private readonly options: SyntheticCameraOptions;
  private format: FrameFormat | undefined;
  private index = 0;
  private cancel: Cancel | undefined;

  constructor(options: SyntheticCameraOptions) {
    this.options = options;
    this.name = options.name;
  }

  async check(): Promise<void> {}

  start(format: FrameFormat, sink: FrameSink): void {
    this.format = format;
    const { clock, rate } = this.options;
    this.cancel = paced(clock, rate, () => this.deliver(sink));
  }

  resize(format: FrameFormat): void {
    this.format = format;
  }

  async stop(): Promise<void> {
    this.cancel?.();
  }

  private deliver(sink: FrameSink): void {
    const { clock, seed, view } = this.options;
    const format = this.format as FrameFormat;
    const start = clock.monotonic();
    const target = sink.begin(format);
    if (target !== undefined) drawInspectionLine(seed, this.index, { ...format, view }, target);
    this.index += 1;
    sink.commit(format, clock.monotonic() - start);
  }
}
