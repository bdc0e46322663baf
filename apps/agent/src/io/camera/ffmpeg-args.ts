/** @file The command line that turns any source into raw frames of one size. Needs ffmpeg 5.1 or later (`-fps_mode`). */
import type { FrameFormat } from '../../domain/frames.ts';

export type FfmpegInput = {
  /** A path or a URL, as ffmpeg takes it. */
  readonly source: string;
  readonly kind: 'file' | 'stream';
  /** Files: begin again at the end. */
  readonly loop: boolean;
  /** Files: play at their own rate instead of as fast as they decode. */
  readonly realtime: boolean;
  /** Frames a second to thin or repeat to; undefined: the source's own. */
  readonly rate: number | undefined;
};

/** @param position seconds into the file at which to begin */
export function ffmpegArgs(input: FfmpegInput, format: FrameFormat, position: number): string[] {
  return [
    ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'level+info'],
    ...inputArgs(input, position),
    ...['-map', '0:v:0', '-an', '-sn', '-dn'],
    ...['-vf', filters(input, format), '-pix_fmt', 'rgb24'],
    // Each frame as it comes: rawvideo has no timestamps, and ffmpeg would otherwise repeat or drop frames to keep a steady rate.
    ...['-fps_mode', 'passthrough', '-f', 'rawvideo', 'pipe:1'],
  ];
}

function inputArgs({ source, kind, loop, realtime }: FfmpegInput, position: number): string[] {
  // No guessing at what the machine's graphics could decode: software decoding behaves the same on every board.
  const args = ['-hwaccel', 'none'];
  if (kind === 'file') {
    if (realtime) args.push('-re');
    if (loop) args.push('-stream_loop', '-1');
    if (position > 0) args.push('-ss', position.toFixed(3));
    // The protocol is named, or a colon in a file's name would be read as one.
    return [...args, '-i', `file:${source}`];
  }
  // Cameras lose UDP packets on busy networks, and a lost packet is a broken picture.
  if (/^rtsps?:/i.test(source)) args.push('-rtsp_transport', 'tcp');
  return [...args, '-fflags', 'nobuffer', '-flags', 'low_delay', '-i', source];
}

/** The same central crop that the variant was evaluated with, then scaled to the square; a picture's sides are scaled each by itself, as there. */
function filters({ rate }: FfmpegInput, { rho, crop }: FrameFormat): string {
  const steps = [`crop=trunc(iw*${crop}):trunc(ih*${crop})`, `scale=${rho}:${rho}:flags=bilinear`];
  return (rate === undefined ? steps : [`fps=${rate}`, ...steps]).join(',');
}
