/**
 * @file Raspberry Pi cameras through rpicam-vid (libcamera-vid before 2023).
 *
 * The image processor crops the sensor's picture and scales it to the frame, whose YUV comes out untouched: at ρ = 224 that is 86 KB a
 * frame, and the frame loop does no more than the change to RGB. JPEG would be fewer bytes through the pipe, and cost an encoder, a
 * decoder and some of the picture.
 *
 * Rows are padded: to 64 bytes on a Raspberry Pi 4 and before, to 128 on a 5, as far as is known. So where the two differ the length of
 * one frame is measured once, before the camera runs, and the stride follows from it.
 */
import { placement, sourceRegion } from '@alpharho/mobilenet-core/device';
import { AlpharhoError } from '@alpharho/protocol';
import { z } from 'zod';
import type { BackoffPolicy } from '../../domain/backoff.ts';
import type { FrameFormat } from '../../domain/frames.ts';
import { runTool } from '../system/run-tool.ts';
import { invalidAddress, parseQuery, rateSchema, splitAddress } from './camera-address.ts';
import type { ChildCommand, ChildSource, Explanation, Free } from './child-source.ts';
import type { Picture } from './ffmpeg-args.ts';
import { listLibcamera, modeText, widestMode } from './libcamera-list.ts';
import { explainLines, findProgram, programMissing } from './programs.ts';
import { YuvFrames, type YuvLayout } from './yuv-frames.ts';

const expected = '"rpicam:0?rate=30"';

const querySchema = z.strictObject({
  rate: rateSchema.optional(),
  mode: z
    .string()
    .regex(/^\d+:\d+(:\d+(:[PU])?)?$/, 'expected width:height:bits:P, like 1640:1232:10:P')
    .optional(),
});

const videoPrograms = ['rpicam-vid', 'libcamera-vid'] as const;
const usualRate = 30;
/** Rows of this many bytes are padded nowhere. */
const evenRow = 128;

export class RpicamSource implements ChildSource {
  readonly name: string;
  readonly oneReader = true;
  readonly respawn: BackoffPolicy = { baseMs: 1000, maxMs: 5000 };
  private readonly index: string;
  private readonly rate: number;
  private readonly picture: Picture;
  private readonly path: string | undefined;
  private mode: string | undefined;
  private isModeKnown: boolean;
  /** By the frame's side. */
  private readonly strides = new Map<number, number>();

  /** @param address `0?rate=…` @param path where programs are looked for. @throws AlpharhoError config_invalid */
  constructor(address: string, picture: Picture, path?: string) {
    const { target, query } = splitAddress(address);
    if (!/^\d{1,2}$/.test(target)) throw invalidAddress(`rpicam:${address}`, `"${target}" is no camera's number`, expected);
    const { rate, mode } = parseQuery(`rpicam:${address}`, query, querySchema, expected);
    this.name = `rpicam:${address}`;
    this.index = target;
    this.rate = rate ?? picture.rate ?? usualRate;
    this.mode = mode;
    this.isModeKnown = mode !== undefined;
    this.picture = picture;
    this.path = path;
  }

  async check(): Promise<void> {
    await this.program();
  }

  async command(format: FrameFormat, _position: number, signal: AbortSignal, free: Free): Promise<ChildCommand> {
    const program = await this.program();
    await this.findMode(signal);
    // YUV 4:2:0 has no odd sides; the last row and column of an even one are left out then.
    const side = format.rho + (format.rho % 2);
    const args = this.args(side, format);
    const layout: YuvLayout = { height: side, stride: await this.stride(program, args, side, signal, free) };
    const place = placement(format.rho, this.picture.view);
    return {
      program,
      args: [...args, '--timeout', '0'],
      frames: 1,
      reader: (sink, clock) => new YuvFrames(format, sink, clock, layout, place, this.rate),
    };
  }

  explain(log: string): Explanation {
    const errors = log.split('\n').filter((line) => /\bERROR\b/.test(line));
    return explainLines(
      errors.map((line) => line.replace(/^.*?\bERROR:?\s*/, '').replaceAll('***', '')),
      true,
    );
  }

  missing(): AlpharhoError {
    return programMissing(videoPrograms[0], videoPrograms[0]);
  }

  private async program(): Promise<string> {
    const program = await findProgram(videoPrograms, this.path);
    if (program === undefined) throw this.missing();
    return program;
  }

  private async findMode(signal: AbortSignal): Promise<void> {
    if (this.isModeKnown) return;
    const camera = (await listLibcamera(this.path, signal))?.find(({ index }) => String(index) === this.index);
    if (camera === undefined) return;
    const mode = widestMode(camera.modes, this.rate);
    this.mode = mode === undefined ? undefined : modeText(mode);
    this.isModeKnown = true;
  }

  /** Turning and mirroring are left to the reader, where they cost nothing, and 90° the camera could not. */
  private args(side: number, { crop }: FrameFormat): string[] {
    const { x, y, width, height } = sourceRegion(crop, this.picture.view);
    return [
      ...['--camera', this.index, '--nopreview', '--codec', 'yuv420', '--output', '-', '--flush'],
      ...['--width', String(side), '--height', String(side), '--framerate', String(this.rate)],
      ...['--roi', [x, y, width, height].map((part) => Number(part.toFixed(6))).join(',')],
      ...(this.mode === undefined ? [] : ['--mode', this.mode]),
    ];
  }

  private async stride(program: string, args: readonly string[], side: number, signal: AbortSignal, free: Free): Promise<number> {
    if (side % evenRow === 0) return side;
    const known = this.strides.get(side);
    if (known !== undefined) return known;
    await free();
    const answer = await runTool(program, [...args, '--frames', '1'], signal);
    const bytes = answer?.ok === true ? answer.stdout.length : 0;
    const stride = (bytes * 2) / (side * 3);
    if (bytes === 0) throw this.refused(answer?.stderr ?? '', 'it gave no frame to measure');
    if (!Number.isInteger(stride / 2) || stride < side)
      throw this.refused('', `a frame of ${bytes} bytes is no YUV 4:2:0 of ${side}x${side}`);
    this.strides.set(side, stride);
    return stride;
  }

  private refused(log: string, what: string): AlpharhoError {
    const { code, words } = this.explain(log);
    return new AlpharhoError(code, `${this.name} gives no frames: ${words || what}`);
  }
}
