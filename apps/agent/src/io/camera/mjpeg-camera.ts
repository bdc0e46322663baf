/** @file HTTP cameras that send one JPEG after the other (multipart/x-mixed-replace): read here, decoded by libvips in its own threads. */
import { type DecodeOptions, decodeImage, type View } from '@alpharho/mobilenet-core/device';
import { AlpharhoError } from '@alpharho/protocol';
import { backoffMs } from '../../domain/backoff.ts';
import type { Cancel, Clock } from '../../domain/clock.ts';
import type { FrameFormat } from '../../domain/frames.ts';
import type { Camera, FrameSink, Log } from '../../domain/ports.ts';
import { redactUrl } from '../system/redact.ts';
import { JpegScanner } from './jpeg-scanner.ts';
import { noFrames, openMjpegBody } from './mjpeg-body.ts';
import { respawn } from './patience.ts';
import { StallWatch } from './stall-watch.ts';

/** A picture of 20 megapixels at high quality is below it. */
const maxPictureBytes = 16_000_000;
/** Decodes at a time. A second one begins where a picture comes before the one before it is made, so a fast camera has two cores. */
const maxDecodes = 2;
/** Boundaries and headers are a few hundred bytes. */
const maxGapBytes = 1_000_000;

export type MjpegCameraOptions = {
  /** Of http or https, with user and password where the camera wants them. */
  readonly url: URL;
  /** Frames a second at most; undefined: as many as come. */
  readonly rate: number | undefined;
  readonly view: View;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
};

type Picture = { readonly jpeg: Buffer; readonly since: number };

/** INVARIANTS: one picture waits at most, the newest; frames are given in the order in which they came; a handful of buffers take turns. */
export class MjpegCamera implements Camera {
  readonly name: string;
  readonly isLive = true;
  private readonly options: MjpegCameraOptions;
  private sink: FrameSink | undefined;
  private format: FrameFormat | undefined;
  private connection: AbortController | undefined;
  private waiting: Picture | undefined;
  private readonly spare: Buffer[] = [];
  private decoding = 0;
  private failures = 0;
  private faulty = false;
  /** What was wrong with the latest picture, until one is right. */
  private trouble: string | undefined;
  private toldTrouble = false;
  private nextDue = Number.NEGATIVE_INFINITY;
  private cancelRetry: Cancel | undefined;
  private readonly watch: StallWatch;
  private reading: Promise<void> = Promise.resolve();
  private working: Promise<void> = Promise.resolve();

  constructor(options: MjpegCameraOptions) {
    this.options = options;
    this.name = `mjpeg:${redactUrl(options.url.href)}`;
    this.watch = new StallWatch(options.clock, (ms) => this.stalled(ms));
  }

  async check(): Promise<void> {}

  start(format: FrameFormat, sink: FrameSink): void {
    this.format = format;
    this.sink = sink;
    this.reading = this.connect();
  }

  /** The next picture is decoded to the new format; there is nothing to make before it is broken. */
  resize(format: FrameFormat): void {
    this.format = format;
  }

  async stop(): Promise<void> {
    this.sink = undefined;
    this.waiting = undefined;
    this.cancelRetry?.();
    this.disconnect();
    await Promise.all([this.reading, this.working]);
  }

  private async connect(): Promise<void> {
    const connection = new AbortController();
    this.connection = connection;
    this.toldTrouble = false;
    this.watch.start();
    try {
      await this.read(connection.signal);
    } catch (error) {
      if (this.connection === connection) this.lost(error);
    }
  }

  /** @throws AlpharhoError when it is over, however */
  private async read(signal: AbortSignal): Promise<void> {
    const { url } = this.options;
    const scanner = new JpegScanner({
      maxBytes: maxPictureBytes,
      maxGap: maxGapBytes,
      picture: (jpeg) => this.arrived(jpeg),
      broken: () => this.passOver('a picture broke off'),
    });
    for await (const chunk of await openMjpegBody(url, signal)) scanner.push(chunk as Buffer);
    scanner.end();
    throw noFrames(url, this.trouble ?? 'it ended the stream');
  }

  /** The newest wins, before any work is done on it. @returns memory for the next picture */
  private arrived(jpeg: Buffer): Buffer | undefined {
    const now = this.options.clock.monotonic();
    if (!this.isDue(now)) return wholeOf(jpeg);
    if (this.waiting !== undefined) {
      this.spare.push(this.waiting.jpeg);
      this.sink?.skip();
    }
    this.waiting = { jpeg, since: now };
    this.decodeNext();
    const memory = this.spare.pop();
    return memory === undefined ? undefined : wholeOf(memory);
  }

  /** Thins to the wanted rate; the beat is kept, so that a camera of 30 frames a second gives 10 and not 7. */
  private isDue(now: number): boolean {
    const { rate } = this.options;
    if (rate === undefined) return true;
    const interval = 1000 / rate;
    // A picture may be early by the network's jitter.
    if (now < this.nextDue - interval / 4) return false;
    this.nextDue = Math.max(this.nextDue + interval, now + interval / 2);
    return true;
  }

  private decodeNext(): void {
    const { waiting, format, working } = this;
    if (waiting === undefined || format === undefined || this.decoding === maxDecodes) return;
    this.waiting = undefined;
    this.decoding += 1;
    this.working = this.decode(waiting, format, working);
  }

  /** @param before the picture that came before this one is given */
  private async decode({ jpeg, since }: Picture, format: FrameFormat, before: Promise<void>): Promise<void> {
    const wanted: DecodeOptions = { rho: format.rho, crop: format.crop, view: this.options.view, draft: true };
    const outcome = await decodeImage(jpeg, wanted).catch((error: unknown) => error);
    this.decoding -= 1;
    this.spare.push(jpeg);
    this.decodeNext();
    await before;
    if (outcome instanceof Uint8Array) this.give(outcome, since, format);
    else this.passOver(outcome instanceof Error ? outcome.message : String(outcome));
  }

  private give(pixels: Uint8Array, since: number, format: FrameFormat): void {
    const { sink } = this;
    if (sink === undefined) return;
    this.failures = 0;
    this.trouble = undefined;
    // While the connection is lost, the last picture of it may still come.
    if (this.connection !== undefined) this.recover(sink);
    sink.begin(format)?.set(pixels);
    sink.commit(format, this.options.clock.monotonic() - since);
  }

  private recover(sink: FrameSink): void {
    if (this.faulty) sink.recovered();
    this.faulty = false;
    this.watch.frame();
  }

  /** One bad picture is no fault of the camera, and the log hears of one a connection; ten seconds of them are. */
  private passOver(what: string): void {
    if (!this.toldTrouble) this.options.log.warn(`${this.name}: picture passed over: ${what}`);
    this.toldTrouble = true;
    this.trouble = what;
    this.sink?.skip();
  }

  private stalled(ms: number): void {
    const pictures = this.trouble === undefined ? '' : `; the latest: ${this.trouble}`;
    this.lost(noFrames(this.options.url, `no frame for ${ms / 1000} s${pictures}`));
  }

  private lost(error: unknown): void {
    const { clock, random, url } = this.options;
    this.disconnect();
    this.failures += 1;
    this.faulty = true;
    this.cancelRetry = clock.after(backoffMs(respawn, this.failures, random), () => {
      this.reading = this.connect();
    });
    this.sink?.fault(error instanceof AlpharhoError ? error : noFrames(url, error instanceof Error ? error.message : String(error), error));
  }

  private disconnect(): void {
    this.watch.stop();
    this.connection?.abort();
    this.connection = undefined;
  }
}

/** All of the memory of which a picture fills the beginning. */
function wholeOf(jpeg: Buffer): Buffer {
  return Buffer.from(jpeg.buffer);
}
