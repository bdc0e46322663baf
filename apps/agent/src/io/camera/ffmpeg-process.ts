/** @file One ffmpeg child: its frames, its last words, its end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { AlpharhoError } from '@alpharho/protocol';
import type { Cancel, Clock } from '../../domain/clock.ts';
import { type FrameFormat, frameBytes } from '../../domain/frames.ts';
import type { FrameSink } from '../../domain/ports.ts';
import { systemCode } from '../system/disk-error.ts';
import { redactIn } from '../system/redact.ts';
import { type FfmpegInput, ffmpegArgs } from './ffmpeg-args.ts';
import { RawFrames } from './raw-frames.ts';

/** The first frame may take a stream's handshake and its next key frame. */
const firstFrameMs = 20_000;
/** Longer than the slowest camera's pause between two frames. */
const stallMs = 10_000;
/** A child that does not heed SIGTERM within this is killed. */
const killMs = 1000;
/** As much of its log as is kept: enough for the lines before its end. */
const tailBytes = 4096;

export type FfmpegEvents = {
  /** The first frame is in. Called before the sink hears of it. */
  started(): void;
  /** It is over. @param error undefined where the source came to its end */
  ended(error: AlpharhoError | undefined): void;
  /** The file's length in seconds, where ffmpeg tells it. */
  duration(seconds: number): void;
};

export type FfmpegProcessOptions = {
  readonly binary: string;
  readonly input: FfmpegInput;
  readonly format: FrameFormat;
  readonly position: number;
  readonly sink: FrameSink;
  readonly clock: Clock;
  readonly events: FfmpegEvents;
};

/** INVARIANTS: `ended` is called once, unless `stop` was; no frame comes after either. */
export class FfmpegProcess {
  private readonly options: FfmpegProcessOptions;
  private readonly frames: RawFrames;
  private child: ChildProcess | undefined;
  private exited: Promise<void> = Promise.resolve();
  private tail = '';
  private sawFrame = false;
  /** Bytes before the first frame was complete. */
  private received = 0;
  private over = false;
  private cancelWatch: Cancel | undefined;

  constructor(options: FfmpegProcessOptions) {
    this.options = options;
    this.frames = new RawFrames(options.format, options.sink, options.clock);
  }

  get format(): FrameFormat {
    return this.options.format;
  }

  start(): void {
    const { binary, input, format, position } = this.options;
    const child = spawn(binary, ffmpegArgs(input, format, position), { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    this.exited = new Promise((resolve) => {
      child.on('error', (error) => {
        this.end(spawnError(binary, error));
        resolve();
      });
      // 'close' comes after the last byte of both pipes, so the last words are all there.
      child.on('close', (code, signal) => {
        this.end(code === 0 && this.sawFrame ? undefined : this.failure(code === null ? `ended by ${signal}` : `exit code ${code}`));
        resolve();
      });
    });
    child.stdout.on('data', (chunk: Buffer) => this.receive(chunk));
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.note(text));
    this.watch(firstFrameMs);
  }

  /** No frame comes after the call; resolves when the child is gone. */
  async stop(): Promise<void> {
    this.over = true;
    this.cancelWatch?.();
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const cancel = this.options.clock.after(killMs, () => child.kill('SIGKILL'));
    await this.exited;
    cancel();
  }

  private receive(chunk: Buffer): void {
    if (this.over) return;
    if (!this.sawFrame && this.completes(chunk.length)) {
      this.sawFrame = true;
      this.options.events.started();
    }
    if (this.frames.push(chunk) > 0) this.watch(stallMs);
  }

  /** Whether these bytes complete the first frame. */
  private completes(bytes: number): boolean {
    this.received += bytes;
    return this.received >= frameBytes(this.options.format);
  }

  private note(text: string): void {
    this.tail = (this.tail + text).slice(-tailBytes);
    const length = /Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)/.exec(this.tail);
    if (length !== null && !this.sawFrame) {
      this.options.events.duration(Number(length[1]) * 3600 + Number(length[2]) * 60 + Number(length[3]));
    }
  }

  private watch(ms: number): void {
    this.cancelWatch?.();
    this.cancelWatch = this.options.clock.after(ms, () => {
      this.child?.kill('SIGKILL');
      this.end(this.failure(`no frame for ${ms / 1000} s`));
    });
  }

  private end(error: AlpharhoError | undefined): void {
    if (this.over) return;
    this.over = true;
    this.cancelWatch?.();
    this.options.events.ended(error);
  }

  private failure(what: string): AlpharhoError {
    const { source } = this.options.input;
    const words = redactIn(lastError(this.tail), source);
    return new AlpharhoError('camera_unreadable', `${redactIn(source, source)} gives no frames: ${words || what}`);
  }
}

/** The last lines that ffmpeg itself calls errors; it prefixes each line with its level. */
function lastError(log: string): string {
  const errors = log.split('\n').filter((line) => /\[(error|fatal|panic)\]/.test(line));
  const words = errors.map((line) => line.replace(/\[[^\]]*\]\s*/g, '').trim()).filter((line) => line !== '');
  return words.slice(-2).join('; ').slice(0, 300);
}

function spawnError(binary: string, error: Error): AlpharhoError {
  if (systemCode(error) === 'ENOENT') return ffmpegMissing(binary);
  return new AlpharhoError('camera_unreadable', `${binary} cannot be run: ${error.message}`, { cause: error });
}

export function ffmpegMissing(binary: string): AlpharhoError {
  return new AlpharhoError('ffmpeg_missing', `${binary} is not installed, and this camera needs it; on Debian: apt-get install ffmpeg`);
}
