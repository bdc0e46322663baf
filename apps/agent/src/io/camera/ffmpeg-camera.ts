/** @file Video files and streams through ffmpeg: decoding, cropping and scaling happen in its process, raw frames come out. */
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { AlpharhoError } from '@alpharho/protocol';
import { type BackoffPolicy, backoffMs } from '../../domain/backoff.ts';
import type { Cancel, Clock } from '../../domain/clock.ts';
import { type FrameFormat, sameFormat } from '../../domain/frames.ts';
import type { Camera, FrameSink } from '../../domain/ports.ts';
import { systemCode } from '../system/disk-error.ts';
import { redactUrl } from '../system/redact.ts';
import type { FfmpegInput } from './ffmpeg-args.ts';
import { FfmpegProcess, ffmpegMissing } from './ffmpeg-process.ts';

const respawn: BackoffPolicy = { baseMs: 1000, maxMs: 30_000 };

/** A source that lets only one reader in refuses the second child; after this many refusals the first one makes room. */
const maxRefusals = 2;

export type FfmpegCameraOptions = {
  readonly input: FfmpegInput;
  readonly clock: Clock;
  readonly random: () => number;
  /** The program's name or path. */
  readonly binary?: string;
};

/** INVARIANT: `current` delivers; `next`, of another format, has not delivered yet, and is promoted with its first frame. */
export class FfmpegCamera implements Camera {
  readonly name: string;
  private readonly options: FfmpegCameraOptions;
  private readonly binary: string;
  private sink: FrameSink | undefined;
  private wanted: FrameFormat | undefined;
  private current: FfmpegProcess | undefined;
  private next: FfmpegProcess | undefined;
  private failures = 0;
  private faulty = false;
  private cancelRetry: Cancel | undefined;
  private readonly leaving = new Set<Promise<void>>();
  /** Seconds; what is known of a file's length and of where in it the current child began, and when. */
  private duration: number | undefined;
  private origin = { position: 0, at: 0 };

  constructor(options: FfmpegCameraOptions) {
    this.options = options;
    this.binary = options.binary ?? 'ffmpeg';
    this.name = redactUrl(options.input.source);
  }

  async check(): Promise<void> {
    const { source, kind } = this.options.input;
    if (kind === 'file') await access(source, constants.R_OK).catch((error: unknown) => Promise.reject(fileError(source, error)));
    await new Promise<void>((resolve, reject) => {
      execFile(this.binary, ['-version'], (error) => (systemCode(error) === 'ENOENT' ? reject(ffmpegMissing(this.binary)) : resolve()));
    });
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
    this.next = this.spawn(format, this.position());
  }

  async stop(): Promise<void> {
    this.cancelRetry?.();
    this.dismiss(this.current);
    this.dismiss(this.next);
    this.current = undefined;
    this.next = undefined;
    this.sink = undefined;
    await Promise.all(this.leaving);
  }

  private spawn(format: FrameFormat, position: number): FfmpegProcess {
    const { input, clock } = this.options;
    const process: FfmpegProcess = new FfmpegProcess({
      binary: this.binary,
      input,
      format,
      position,
      sink: this.sink as FrameSink,
      clock,
      events: {
        started: () => this.started(process, position),
        ended: (error) => this.ended(process, error),
        duration: (seconds) => {
          this.duration = seconds;
        },
      },
    });
    process.start();
    return process;
  }

  private started(process: FfmpegProcess, position: number): void {
    this.failures = 0;
    this.origin = { position, at: this.options.clock.monotonic() };
    if (process === this.next) {
      this.dismiss(this.current);
      this.current = process;
      this.next = undefined;
    }
    if (this.faulty) this.sink?.recovered();
    this.faulty = false;
  }

  private ended(process: FfmpegProcess, error: AlpharhoError | undefined): void {
    if (process === this.next) this.nextRefused(error);
    else if (process === this.current) this.currentEnded(error);
  }

  private currentEnded(error: AlpharhoError | undefined): void {
    this.current = undefined;
    const { kind, loop } = this.options.input;
    if (error === undefined && kind === 'file' && !loop) {
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

  /** The old child delivers on while the new one is tried again. */
  private nextRefused(error: AlpharhoError | undefined): void {
    this.next = undefined;
    if (this.failures + 1 >= maxRefusals) {
      this.dismiss(this.current);
      this.currentEnded(error);
    } else {
      this.retry();
    }
  }

  private retry(): void {
    const { clock, random } = this.options;
    this.failures += 1;
    this.cancelRetry = clock.after(backoffMs(respawn, this.failures, random), () => {
      const format = this.wanted as FrameFormat;
      if (this.current === undefined) this.current = this.spawn(format, 0);
      else this.next = this.spawn(format, this.position());
    });
  }

  /** Where in the file the picture is now, in seconds, so that another child can go on there. */
  private position(): number {
    const { kind, realtime, loop } = this.options.input;
    if (kind !== 'file' || !realtime || this.duration === undefined || this.duration <= 0) return 0;
    const seconds = this.origin.position + (this.options.clock.monotonic() - this.origin.at) / 1000;
    return loop ? seconds % this.duration : Math.min(seconds, this.duration);
  }

  private dismiss(process: FfmpegProcess | undefined): void {
    if (process === undefined) return;
    const gone = process.stop().finally(() => this.leaving.delete(gone));
    this.leaving.add(gone);
  }
}

function fileError(path: string, error: unknown): AlpharhoError {
  if (systemCode(error) === 'ENOENT') return new AlpharhoError('camera_missing', `${path} does not exist`, { cause: error });
  return new AlpharhoError('camera_unreadable', `${path} cannot be read (${systemCode(error) ?? String(error)})`, { cause: error });
}
