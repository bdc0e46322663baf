/** @file The camera's one wish: which format it is to give. Starts it at the first. */
import { type FrameFormat, sameFormat } from '../domain/frames.ts';
import type { Camera, FrameSink } from '../domain/ports.ts';

export class Capture {
  private readonly camera: Camera;
  private readonly sink: FrameSink;
  private wanted: FrameFormat | undefined;

  constructor(camera: Camera, sink: FrameSink) {
    this.camera = camera;
    this.sink = sink;
  }

  want(format: FrameFormat): void {
    const before = this.wanted;
    this.wanted = format;
    if (before === undefined) this.camera.start(format, this.sink);
    else if (!sameFormat(before, format)) this.camera.resize(format);
  }

  async stop(): Promise<void> {
    if (this.wanted !== undefined) await this.camera.stop();
  }
}
