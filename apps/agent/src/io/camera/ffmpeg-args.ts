/** @file The command line that turns anything that ffmpeg reads into raw frames of one size. Needs ffmpeg 5.1 or later (`-fps_mode`). */
import { sourceRegion, type View } from '@alpharho/mobilenet-core/device';
import type { FrameFormat } from '../../domain/frames.ts';

export type Picture = {
  readonly view: View;
  /** Frames a second to thin or repeat to; undefined: the source's own. */
  readonly rate: number | undefined;
};

/** @param input ffmpeg's own options for what it reads, `-i` included. Frames come out of descriptor 3 */
export function ffmpegArgs(input: readonly string[], picture: Picture, format: FrameFormat): string[] {
  return [
    ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'level+info'],
    // No guessing at what the machine's graphics could decode: software decoding behaves the same on every board.
    ...['-hwaccel', 'none', ...input],
    ...['-map', '0:v:0', '-an', '-sn', '-dn'],
    ...['-vf', filters(picture, format), '-pix_fmt', 'rgb24'],
    // With more, rawvideo's encoder holds a frame back for each thread: a live picture would be old by as many.
    ...['-threads', '1'],
    // Each frame as it comes: rawvideo has no timestamps, and ffmpeg would otherwise repeat or drop frames to keep a steady rate.
    ...['-fps_mode', 'passthrough', '-f', 'rawvideo', 'pipe:3'],
  ];
}

/**
 * The same central crop that the variant was evaluated with, of the part that the operator chose, then scaled to the square (a picture's
 * sides are scaled each by itself, as there), then turned: the fewest bytes. The crop is worked out anew where a stream changes its size.
 */
function filters({ view, rate }: Picture, { rho, crop }: FrameFormat): string {
  const { x, y, width, height } = sourceRegion(crop, view);
  const steps = [`crop=trunc(iw*${width}):trunc(ih*${height}):iw*${x}:ih*${y}`, `scale=${rho}:${rho}:flags=bilinear`, ...turns(view)];
  return (rate === undefined ? steps : [`fps=${rate}`, ...steps]).join(',');
}

function turns({ rotate = 0, mirror = false }: View): string[] {
  const turn = { 0: [], 90: ['transpose=clock'], 180: ['hflip', 'vflip'], 270: ['transpose=cclock'] }[rotate];
  return mirror ? [...turn, 'hflip'] : turn;
}
