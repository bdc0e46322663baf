/** @file A camera that another program reads: it decodes, crops and scales in its own process, and is started again when it ends. */
import { AlpharhoError } from '@alpharho/protocol';
import { backoffMs } from '../../domain/backoff.ts';
import type { Cancel, Clock } from '../../domain/clock.ts';
import { type FrameFormat, sameFormat } from '../../domain/frames.ts';
import type { Camera, FrameSink } from '../../domain/ports.ts';
import { CameraChild } from './camera-child.ts';
import type { ChildSource } from './child-source.ts';

/** A source that lets only one reader in refuses the second child; after this many refusals the first one makes room. */
const maxRefusals = 2;

export type ChildCameraOptions = {
  readonly source: ChildSource;
  readonly clock: Clock;
  readonly random: () => number;
};

/**
 * INVARIANTS: `current` delivers, or is to; `next`, of another format, has not delivered yet, and is promoted with its first frame. Where
 * one reader is let in, there is no `next`: `outgoing` delivers until all that `current` needs is the camera, and then goes.
 */
export class ChildCamera implements Camera {
  readonly name: string;
  readonly isLive: boolean;
  private readonly options: ChildCameraOptions;
  private oneReader: boolean;
  private sink: FrameSink | undefined;
  private wanted: FrameFormat | undefined;
  private current: CameraChild | undefined;
  private next: CameraChild | undefined;
  private outgoing: CameraChild | undefined;
  private failures = 0;
  private faulty = false;
  private cancelRetry: Cancel | undefined;
  private readonly leaving = new Set<Promise<void>>();
  /** Seconds; what is known of a recording's length and of where in it the current child began, and when. */
  private duration: number | undefined;
  private origin = { position: 0, at: 0 };

  constructor(options: ChildCameraOptions) {
    this.options = options;
    this.oneReader = options.source.oneReader;
    this.name = options.source.name;
    this.isLive = options.source.recording === undefined;
  }

  async check(): Promise<void> {
    await this.options.source.check();
  }

  start(format: FrameFormat, sink: FrameSink): void {
    this.sink = sink;
    this.wanted = format;
    this.current = this.spawn(format, 0);
  }

  resize(format: FrameFormat): void {
    this.wanted = format;
    this.dismiss(this.next);
    this.next = undefined;
    // A retry that is due will ask for the new format by itself.
    if (this.current === undefined) return;
    this.cancelRetry?.();
    this.failures = 0;
    if (sameFormat(this.current.format, format)) return;
    if (this.oneReader) this.replace(format);
    else this.next = this.spawn(format, this.position());
  }

  async stop(): Promise<void> {
    this.cancelRetry?.();
    for (const child of [this.current, this.next, this.outgoing]) this.dismiss(child);
    this.current = undefined;
    this.next = undefined;
    this.outgoing = undefined;
    this.sink = undefined;
    await Promise.all(this.leaving);
  }

  private spawn(format: FrameFormat, position: number): CameraChild {
    const { source, clock } = this.options;
    const child: CameraChild = new CameraChild({
      source,
      format,
      position,
      sink: this.sink as FrameSink,
      clock,
      events: {
        started: () => this.started(child, position),
        ended: (error) => this.ended(child, error),
        length: (seconds) => {
          this.duration = seconds;
        },
      },
    });
    child.start(() => (this.oneReader ? this.free() : Promise.resolve()));
    return child;
  }

  /** Break before make, as late as can be: the device is free only once its reader is gone. */
  private replace(format: FrameFormat): void {
    const position = this.position();
    const { current, outgoing } = this;
    if (outgoing === undefined && current?.delivers) this.outgoing = current;
    else this.dismiss(current);
    if (outgoing !== undefined && sameFormat(outgoing.format, format)) {
      this.current = outgoing;
      this.outgoing = undefined;
    } else {
      this.current = this.spawn(format, position);
    }
  }

  private async free(): Promise<void> {
    this.dismiss(this.outgoing);
    this.outgoing = undefined;
    await Promise.all(this.leaving);
  }

  private started(child: CameraChild, position: number): void {
    this.failures = 0;
    this.origin = { position, at: this.options.clock.monotonic() };
    if (child === this.next) {
      this.dismiss(this.current);
      this.current = child;
      this.next = undefined;
    }
    if (this.faulty) this.sink?.recovered();
    this.faulty = false;
  }

  private ended(child: CameraChild, error: AlpharhoError | undefined): void {
    // What was killed because it stalled may take its time to go.
    this.dismiss(child);
    if (child === this.outgoing) this.outgoing = undefined;
    if (child === this.next) this.nextRefused();
    else if (child === this.current) this.currentEnded(error);
  }

  private currentEnded(error: AlpharhoError | undefined): void {
    this.current = undefined;
    if (error === undefined && this.options.source.recording?.loop === false) {
      this.dismiss(this.next);
      this.next = undefined;
      this.sink?.ended();
      return;
    }
    // A child for the next format is on its way already and takes over with its first frame.
    if (this.next !== undefined) {
      this.current = this.next;
      this.next = undefined;
    } else {
      this.retry();
    }
    const fault = error ?? new AlpharhoError('camera_unreadable', `${this.name} ended the stream`);
    this.faulty = true;
    this.sink?.fault(fault);
  }

  /** The old child delivers on while the new one is tried again; after that this camera is known to let one reader in only. */
  private nextRefused(): void {
    this.next = undefined;
    if (this.failures + 1 < maxRefusals) {
      this.retry();
      return;
    }
    this.oneReader = true;
    this.failures = 0;
    this.replace(this.wanted as FrameFormat);
  }

  private retry(): void {
    const { clock, random, source } = this.options;
    this.failures += 1;
    this.cancelRetry = clock.after(backoffMs(source.respawn, this.failures, random), () => {
      const format = this.wanted as FrameFormat;
      if (this.current === undefined) this.current = this.spawn(format, 0);
      else this.next = this.spawn(format, this.position());
    });
  }

  /** Where in a recording the picture is now, in seconds, so that another child can go on there. */
  private position(): number {
    const { recording } = this.options.source;
    if (recording === undefined || !recording.realtime || this.duration === undefined || this.duration <= 0) return 0;
    const seconds = this.origin.position + (this.options.clock.monotonic() - this.origin.at) / 1000;
    return recording.loop ? seconds % this.duration : Math.min(seconds, this.duration);
  }

  private dismiss(child: CameraChild | undefined): void {
    if (child === undefined) return;
    const gone = child.stop().finally(() => this.leaving.delete(gone));
    this.leaving.add(gone);
  }
}
