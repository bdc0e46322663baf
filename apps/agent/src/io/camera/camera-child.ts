/** @file One child process of a camera: its frames, its last words, its end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { PassThrough, pipeline, type Readable } from 'node:stream';
import { AlpharhoError, isAlpharhoError } from '@alpharho/protocol';
import type { Clock } from '../../domain/clock.ts';
import type { FrameFormat } from '../../domain/frames.ts';
import type { FrameSink } from '../../domain/ports.ts';
import { systemCode } from '../system/disk-error.ts';
import type { ChildCommand, ChildSource, FrameReader, Free } from './child-source.ts';
import { StallWatch } from './stall-watch.ts';

/** A child that does not heed SIGTERM within this is killed. */
const killMs = 1000;
/**
 * Frames of a recording that are read before they are welcome. Child and classifier run in bursts of a few milliseconds where they share
 * cores: with less than this between them the one waits for the other.
 */
const aheadFrames = 4;
/** Of one chunk, as Node reads them. */
const chunkBytes = 65_536;
/** As much of its log as is kept: enough for the lines before its end. */
const tailBytes = 4096;

export type ChildEvents = {
  /** The first frame is in. Called before the sink hears of it. */
  started(): void;
  /** It is over. @param error undefined where the source came to its end */
  ended(error: AlpharhoError | undefined): void;
  /** A recording's length in seconds, where the child tells it. */
  length(seconds: number): void;
};

export type CameraChildOptions = {
  readonly source: ChildSource;
  readonly format: FrameFormat;
  readonly position: number;
  readonly sink: FrameSink;
  readonly clock: Clock;
  readonly events: ChildEvents;
};

/** INVARIANTS: `ended` is called once, unless `stop` was; no frame comes after either. */
export class CameraChild {
  private readonly options: CameraChildOptions;
  private readonly abort = new AbortController();
  private child: ChildProcess | undefined;
  private stream: Readable | undefined;
  /** The stream is read to its end, where it is read frame by frame. */
  private pulled: Promise<void> = Promise.resolve();
  private reader: FrameReader | undefined;
  private finished: Promise<void> = Promise.resolve();
  private tail = '';
  private sawFrame = false;
  /** Bytes before the first frame was complete. */
  private received = 0;
  /** The frame path has no room, so no frame is expected. */
  private held = false;
  private over = false;
  private readonly watch: StallWatch;

  constructor(options: CameraChildOptions) {
    this.options = options;
    const onStall = (ms: number): void => this.giveUp(`no frame for ${ms / 1000} s`);
    this.watch = new StallWatch(options.clock, onStall, () => this.held);
  }

  get format(): FrameFormat {
    return this.options.format;
  }

  /** It has given a frame. */
  get delivers(): boolean {
    return this.sawFrame && !this.over;
  }

  /** @param free called when all is ready but the camera */
  start(free: Free): void {
    this.finished = this.run(free);
  }

  /** No frame comes after the call; resolves when the child is gone. */
  async stop(): Promise<void> {
    this.over = true;
    this.watch.stop();
    this.abort.abort();
    const { child } = this;
    // What nobody reads any more would keep the child's end from being heard.
    this.stream?.destroy();
    const isAlive = child !== undefined && child.exitCode === null && child.signalCode === null;
    if (isAlive) child.kill('SIGTERM');
    const cancel = isAlive ? this.options.clock.after(killMs, () => child.kill('SIGKILL')) : undefined;
    await this.finished;
    cancel?.();
  }

  private async run(free: Free): Promise<void> {
    const { source, format, position } = this.options;
    // One that is not wanted any more must not take the camera from the one before.
    const unlessOver: Free = async () => {
      if (!this.over) await free();
    };
    try {
      const command = await source.command(format, position, this.abort.signal, unlessOver);
      await unlessOver();
      if (!this.over) await this.spawn(command);
    } catch (error) {
      this.end(
        isAlpharhoError(error) ? error : new AlpharhoError('camera_unreadable', `${source.name}: ${String(error)}`, { cause: error }),
      );
    }
  }

  /** Resolves when the child is gone. */
  private spawn({ program, args, frames, reader }: ChildCommand): Promise<void> {
    const { sink, clock } = this.options;
    const child = spawn(program, args, { stdio: frames === 1 ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'ignore', 'pipe', 'pipe'] });
    this.child = child;
    this.reader = reader(sink, clock);
    const gone = new Promise<void>((resolve) => {
      child.on('error', (error) => {
        this.end(this.spawnError(program, error));
        resolve();
      });
      // 'close' comes after the last byte of all pipes, so the last words are all there.
      child.on('close', (code, signal) => {
        resolve();
        const how = code === null ? `ended by ${signal}` : `exit code ${code}`;
        // Its last frames may still wait for room.
        void this.pulled.then(() => this.end(code === 0 && this.sawFrame ? undefined : this.failure(how)));
      });
    });
    const stream = child.stdio[frames] as Readable;
    const waits = this.options.source.recording?.realtime === false;
    this.stream = waits ? readAhead(stream, this.reader.length) : stream;
    if (waits) this.pulled = this.pull(this.stream);
    else stream.on('data', (chunk: Buffer) => this.receive(chunk));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.note(text));
    this.watch.start();
    return gone;
  }

  private receive(chunk: Buffer): void {
    if (this.over) return;
    const reader = this.reader as FrameReader;
    this.received += this.sawFrame ? 0 : chunk.length;
    if (!this.sawFrame && this.received >= reader.length) {
      this.sawFrame = true;
      this.watch.frame();
      this.options.events.started();
    }
    if (reader.push(chunk) > 0) this.watch.frame();
    if (reader.isShifted === true) this.giveUp('something else than pictures is printed among them');
  }

  /**
   * A recording that is played as fast as it is classified: after each frame the rest stays where it is until the next one is welcome, and
   * in the end the child waits with it. Never rejects: how the stream ends is told by the child's end.
   */
  private async pull(stream: Readable): Promise<void> {
    const { length } = this.reader as FrameReader;
    let missing = length;
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        for (let offset = 0; offset < chunk.length && !this.over; ) {
          const part = chunk.subarray(offset, offset + missing);
          this.receive(part);
          offset += part.length;
          missing = missing === part.length ? length : missing - part.length;
          if (missing === length) await this.untilWelcome();
        }
      }
    } catch (error) {
      if (!stream.destroyed) this.giveUp(String(error));
    }
  }

  private async untilWelcome(): Promise<void> {
    const { sink } = this.options;
    for (let room = sink.room(); room !== undefined && !this.over; room = sink.room()) {
      this.held = true;
      await room;
    }
    this.held = false;
    this.watch.frame();
  }

  private note(text: string): void {
    this.tail = (this.tail + text).slice(-tailBytes);
    if (this.sawFrame) return;
    const seconds = this.options.source.recording?.length(this.tail);
    if (seconds !== undefined) this.options.events.length(seconds);
  }

  private giveUp(why: string): void {
    this.child?.kill('SIGKILL');
    this.end(this.failure(why));
  }

  private end(error: AlpharhoError | undefined): void {
    if (this.over) return;
    this.over = true;
    this.watch.stop();
    this.options.events.ended(error);
  }

  private failure(what: string): AlpharhoError {
    const { source } = this.options;
    const { code, words } = source.explain(this.tail);
    return new AlpharhoError(code, `${source.name} gives no frames: ${words || what}`);
  }

  private spawnError(program: string, error: Error): AlpharhoError {
    const { source } = this.options;
    if (systemCode(error) === 'ENOENT') return source.missing(program);
    return new AlpharhoError('camera_unreadable', `${program} cannot be run: ${error.message}`, { cause: error });
  }
}

/** Destroyed together with the stream that it reads. @param length of a frame */
function readAhead(stream: Readable, length: number): Readable {
  // As objects, or all that waits would be copied into one chunk.
  const chunks = Math.ceil((aheadFrames * length) / chunkBytes);
  const ahead = new PassThrough({ readableObjectMode: true, readableHighWaterMark: chunks });
  // Whoever reads hears of the end and of errors.
  return pipeline(stream, ahead, () => undefined);
}
