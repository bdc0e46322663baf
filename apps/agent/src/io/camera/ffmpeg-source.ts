/** @file Video files and streams through ffmpeg: decoding, cropping and scaling happen in its process, raw frames come out. */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { AlpharhoError } from '@alpharho/protocol';
import type { FrameFormat } from '../../domain/frames.ts';
import { systemCode } from '../system/disk-error.ts';
import { redactIn, redactUrl } from '../system/redact.ts';
import type { ChildCommand, ChildSource, Explanation, Recording } from './child-source.ts';
import { ffmpegArgs, type Picture } from './ffmpeg-args.ts';
import { respawn } from './patience.ts';
import { checkProgram, explainLines, programMissing } from './programs.ts';
import { RawFrames } from './raw-frames.ts';

export type FfmpegInput = Picture & {
  /** A path or a URL, as ffmpeg takes it. */
  readonly source: string;
  readonly kind: 'file' | 'stream';
  /** Files: begin again at the end. */
  readonly loop: boolean;
  /** Files: play at their own rate instead of as fast as they decode. */
  readonly realtime: boolean;
};

/** What ffmpeg says of a file that has no end, no index, or no pictures. */
const damaged = /moov atom not found|invalid data found|partial file|end of file|could not find codec parameters/i;

export class FfmpegSource implements ChildSource {
  readonly name: string;
  readonly oneReader = false;
  readonly recording?: Recording;
  readonly respawn = respawn;
  private readonly input: FfmpegInput;
  private readonly program: string;

  constructor(input: FfmpegInput, program = 'ffmpeg') {
    const { kind, loop, realtime, source } = input;
    this.input = input;
    this.program = program;
    this.name = redactUrl(source);
    if (kind === 'file') this.recording = { loop, realtime, length: ffmpegDuration };
  }

  async check(): Promise<void> {
    const { source, kind } = this.input;
    if (kind === 'file') await access(source, constants.R_OK).catch((error: unknown) => Promise.reject(fileError(source, error)));
    await checkProgram(this.program, 'ffmpeg', '-version');
  }

  async command(format: FrameFormat, position: number): Promise<ChildCommand> {
    return {
      program: this.program,
      args: ffmpegArgs(inputArgs(this.input, position), this.input, format),
      frames: 3,
      reader: (sink, clock) => new RawFrames(format, sink, clock),
    };
  }

  explain(log: string): Explanation {
    const explained = explainLines(
      ffmpegErrors(log).map((line) => redactIn(line, this.input.source)),
      false,
    );
    if (this.input.kind !== 'file' || !damaged.test(explained.words)) return explained;
    return { ...explained, words: `the video is cut short, damaged, or none; copy it here again (ffmpeg: ${explained.words})` };
  }

  missing(program: string): AlpharhoError {
    return programMissing(program, 'ffmpeg');
  }
}

function inputArgs({ source, kind, loop, realtime }: FfmpegInput, position: number): string[] {
  if (kind === 'file') {
    const args = realtime ? ['-re'] : threadsBesideClassifier();
    if (loop) args.push('-stream_loop', '-1');
    if (position > 0) args.push('-ss', position.toFixed(3));
    // The protocol is named, or a colon in a file's name would be read as one.
    return [...args, '-i', `file:${source}`];
  }
  // Cameras lose UDP packets on busy networks, and a lost packet is a broken picture.
  const transport = /^rtsps?:/i.test(source) ? ['-rtsp_transport', 'tcp'] : [];
  return [...transport, '-fflags', 'nobuffer', '-flags', 'low_delay', '-i', source];
}

/** Where pictures are made as fast as they are classified, more threads than the classifier leaves cores for only push it aside. */
function threadsBesideClassifier(): string[] {
  const threads = String(Math.max(availableParallelism() - 1, 1));
  return ['-filter_threads', threads, '-threads', threads];
}

/** The lines that ffmpeg itself calls errors, without their labels; it prefixes each line with its level. */
export function ffmpegErrors(log: string): string[] {
  const errors = log.split('\n').filter((line) => /\[(error|fatal|panic)\]/.test(line));
  return errors.map((line) => line.replace(/\[[^\]]*\]\s*/g, ''));
}

function ffmpegDuration(log: string): number | undefined {
  const length = /Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)/.exec(log);
  return length === null ? undefined : Number(length[1]) * 3600 + Number(length[2]) * 60 + Number(length[3]);
}

function fileError(path: string, error: unknown): AlpharhoError {
  if (systemCode(error) === 'ENOENT') return new AlpharhoError('camera_missing', `${path} does not exist`, { cause: error });
  return new AlpharhoError('camera_unreadable', `${path} cannot be read (${systemCode(error) ?? String(error)})`, { cause: error });
}
