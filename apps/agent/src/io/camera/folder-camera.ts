/** @file A folder of images as a camera: looped in the order of their names, at a set rate. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeImage, type View } from '@alpharho/mobilenet-core/device';
import { AlpharhoError } from '@alpharho/protocol';
import type { Cancel, Clock } from '../../domain/clock.ts';
import type { FrameFormat } from '../../domain/frames.ts';
import type { Camera, FrameSink, Log } from '../../domain/ports.ts';
import { systemCode } from '../system/disk-error.ts';
import { paced } from './paced.ts';

const imageName = /\.(jpe?g|png|webp|gif|tiff?|bmp)$/i;

export type FolderCameraOptions = {
  readonly folder: string;
  /** Images a second. */
  readonly rate: number;
  /** Begin again after the last image. */
  readonly loop: boolean;
  readonly view: View;
  readonly clock: Clock;
  readonly log: Log;
};

/** The folder is read anew at the beginning of each round, so images may come and go. */
export class FolderCamera implements Camera {
  readonly name: string;
  readonly isLive = false;
  private readonly options: FolderCameraOptions;
  private sink: FrameSink | undefined;
  private format: FrameFormat | undefined;
  private round: string[] = [];
  private decodedInRound = 0;
  private started = false;
  private faulty = false;
  private readonly unreadable = new Set<string>();
  private cancel: Cancel | undefined;
  private working: Promise<void> = Promise.resolve();

  constructor(options: FolderCameraOptions) {
    this.options = options;
    this.name = options.folder;
  }

  async check(): Promise<void> {
    await this.list();
  }

  start(format: FrameFormat, sink: FrameSink): void {
    this.format = format;
    this.sink = sink;
    const { clock, rate } = this.options;
    this.cancel = paced(clock, rate, () => {
      this.working = this.deliver();
      return this.working;
    });
  }

  /** The next image is decoded to the new format; there is nothing to make before it is broken. */
  resize(format: FrameFormat): void {
    this.format = format;
  }

  async stop(): Promise<void> {
    this.cancel?.();
    this.sink = undefined;
    await this.working;
  }

  private async deliver(): Promise<void> {
    const { clock, folder, loop } = this.options;
    const start = clock.monotonic();
    try {
      if (this.round.length === 0 && this.started && !loop) {
        this.cancel?.();
        this.sink?.ended();
        return;
      }
      if (this.round.length === 0) await this.beginRound();
      const pixels = await this.decode(join(folder, this.round.shift() as string));
      if (pixels !== undefined) this.give(pixels, clock.monotonic() - start);
    } catch (error) {
      this.fail(error);
    }
  }

  private async beginRound(): Promise<void> {
    const before = this.decodedInRound;
    this.decodedInRound = 0;
    this.round = await this.list();
    if (this.started && before === 0)
      this.fail(new AlpharhoError('camera_unreadable', `${this.name}: not one of its images can be decoded`));
    this.started = true;
  }

  private async decode(path: string): Promise<{ format: FrameFormat; bytes: Uint8Array } | undefined> {
    const format = this.format as FrameFormat;
    try {
      const bytes = await decodeImage(path, { rho: format.rho, crop: format.crop, view: this.options.view });
      this.decodedInRound += 1;
      this.unreadable.delete(path);
      return { format, bytes };
    } catch (error) {
      // Once for each file, not once a round.
      if (!this.unreadable.has(path)) this.options.log.warn(`image passed over: ${error instanceof Error ? error.message : String(error)}`);
      this.unreadable.add(path);
      return undefined;
    }
  }

  /** A frame that was decoded while another format was asked for is one of the old format still; none of those comes later. */
  private give({ format, bytes }: { format: FrameFormat; bytes: Uint8Array }, captureMs: number): void {
    const { sink } = this;
    if (sink === undefined) return;
    if (this.faulty) sink.recovered();
    this.faulty = false;
    sink.begin(format)?.set(bytes);
    sink.commit(format, captureMs);
  }

  private fail(error: unknown): void {
    const fault =
      error instanceof AlpharhoError ? error : new AlpharhoError('camera_unreadable', `${this.name}: ${String(error)}`, { cause: error });
    this.faulty = true;
    this.sink?.fault(fault);
  }

  private async list(): Promise<string[]> {
    const { folder } = this.options;
    const names = await readdir(folder).catch((error: unknown) => Promise.reject(folderError(folder, error)));
    const images = names.filter((name) => imageName.test(name)).sort();
    if (images.length > 0) return images;
    throw new AlpharhoError('camera_unreadable', `${folder} holds no image (.jpg, .png, .webp, .gif, .tiff or .bmp)`);
  }
}

function folderError(folder: string, error: unknown): AlpharhoError {
  if (systemCode(error) === 'ENOENT') return new AlpharhoError('camera_missing', `${folder} does not exist`, { cause: error });
  return new AlpharhoError('camera_unreadable', `${folder} cannot be read (${systemCode(error) ?? String(error)})`, { cause: error });
}
