/** @file V4L2 devices (USB cameras, CSI bridges) through ffmpeg. */
import type { AlpharhoError } from '@alpharho/protocol';
import { z } from 'zod';
import type { BackoffPolicy } from '../../domain/backoff.ts';
import type { FrameFormat } from '../../domain/frames.ts';
import { runTool } from '../system/run-tool.ts';
import { invalidAddress, parseQuery, rateSchema, sizeSchema, splitAddress } from './camera-address.ts';
import type { ChildCommand, ChildSource, Explanation } from './child-source.ts';
import { ffmpegArgs, type Picture } from './ffmpeg-args.ts';
import { ffmpegErrors } from './ffmpeg-source.ts';
import { checkProgram, explainLines, programMissing } from './programs.ts';
import { RawFrames } from './raw-frames.ts';
import { type Choice, chooseFormat, type DeviceFormat, parseFfmpegFormats, parseV4l2Formats, type Wish } from './v4l2-formats.ts';

const expected = '"v4l2:/dev/video0?size=1280x720&rate=30&format=mjpeg"';

const querySchema = z.strictObject({
  size: sizeSchema.optional(),
  rate: rateSchema.optional(),
  format: z
    .string()
    .regex(/^[a-z0-9]{2,12}$/, "expected one of ffmpeg's names, like mjpeg or yuyv422")
    .optional(),
});

export type V4l2Programs = { readonly ffmpeg: string; readonly v4l2ctl: string };
const usual: V4l2Programs = { ffmpeg: 'ffmpeg', v4l2ctl: 'v4l2-ctl' };

/** `/dev/video0`, or one of the lasting names under /dev/v4l. */
export function isVideoDevice(path: string): boolean {
  return /^\/dev\/(video\d+|v4l\/.+)$/.test(path);
}

/** A device that is not there yet is waited for: cameras are plugged in later, and come back. */
export class V4l2Source implements ChildSource {
  readonly name: string;
  readonly oneReader = true;
  /** A device costs nothing to try, and whoever plugs it in again waits for it. */
  readonly respawn: BackoffPolicy = { baseMs: 1000, maxMs: 5000 };
  private readonly device: string;
  private readonly wish: Wish;
  private readonly picture: Picture;
  private readonly programs: V4l2Programs;

  /** @param address `/dev/video0?size=…`. @throws AlpharhoError config_invalid */
  constructor(address: string, picture: Picture, programs = usual) {
    const { target, query } = splitAddress(address);
    if (!target.startsWith('/dev/')) throw invalidAddress(`v4l2:${address}`, `"${target}" is no device`, expected);
    this.wish = { ...parseQuery(`v4l2:${address}`, query, querySchema, expected), taken: picture.rate };
    this.device = target;
    this.name = `v4l2:${address}`;
    this.picture = picture;
    this.programs = programs;
  }

  async check(): Promise<void> {
    await checkProgram(this.programs.ffmpeg, 'ffmpeg', '-version');
  }

  /** What the device offers is asked anew each time: another camera may have been plugged in under the same name. */
  async command(format: FrameFormat, _position: number, signal: AbortSignal): Promise<ChildCommand> {
    const choice = chooseFormat(await listFormats(this.device, this.programs, signal), this.wish);
    return {
      program: this.programs.ffmpeg,
      args: ffmpegArgs(inputArgs(this.device, choice), this.picture, format),
      frames: 3,
      reader: (sink, clock) => new RawFrames(format, sink, clock),
    };
  }

  explain(log: string): Explanation {
    return explainLines(ffmpegErrors(log), true);
  }

  missing(program: string): AlpharhoError {
    return programMissing(program, 'ffmpeg');
  }
}

function inputArgs(device: string, { format, size, rate }: Choice): string[] {
  return [
    ...['-f', 'v4l2'],
    ...(format === undefined ? [] : ['-input_format', format]),
    ...(size === undefined ? [] : ['-video_size', `${size.width}x${size.height}`]),
    ...(rate === undefined ? [] : ['-framerate', String(rate)]),
    ...['-fflags', 'nobuffer', '-i', device],
  ];
}

/** @returns nothing where neither tool tells, and ffmpeg is left to the device's own defaults */
export async function listFormats(
  device: string,
  { ffmpeg, v4l2ctl }: V4l2Programs = usual,
  signal?: AbortSignal,
): Promise<DeviceFormat[]> {
  const told = await runTool(v4l2ctl, ['--device', device, '--list-formats-ext'], signal);
  const formats = told?.ok === true ? parseV4l2Formats(told.stdout.toString('utf8')) : [];
  if (formats.length > 0 || told?.ok === true) return formats;
  const asked = await runTool(ffmpeg, ['-hide_banner', '-f', 'v4l2', '-list_formats', 'all', '-i', device], signal);
  return parseFfmpegFormats(asked?.stderr ?? '');
}
