import { execFileSync } from 'node:child_process';
import { placement, type View } from '@alpharho/mobilenet-core/device';
import { describe, expect, it } from 'vitest';
import { WatchingSink } from '../../../test/contracts/camera.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { hasFfmpeg } from '../../../test/support/media.ts';
import { YuvFrames, yuvBytes, yuvToRgb } from './yuv-frames.ts';

const side = 64;
/** Every brightness with many colours, in no order. */
const noise = Uint8Array.from({ length: yuvBytes({ height: side, stride: side }) }, (_, at) => (at * 2_654_435_761) >>> 24);

function convert(yuv: Uint8Array, width: number, stride: number, view: View = {}): Uint8Array {
  const target = new Uint8Array(width * width * 3);
  yuvToRgb(yuv, { height: width + (width % 2), stride }, width, placement(width, view), target);
  return target;
}

describe('YUV 4:2:0 of the full range as RGB', () => {
  it.skipIf(!hasFfmpeg)("is what ffmpeg's exact conversion makes of it, to 1 of 255", () => {
    const args = ['-loglevel', 'error', '-f', 'rawvideo', '-pix_fmt', 'yuvj420p', '-s', `${side}x${side}`, '-i', 'pipe:0'];
    const filter = ['-vf', 'scale=sws_flags=neighbor+accurate_rnd+full_chroma_int:in_color_matrix=bt601', '-pix_fmt', 'rgb24'];
    const ffmpeg = execFileSync('ffmpeg', [...args, ...filter, '-f', 'rawvideo', 'pipe:1'], { input: noise });
    const difference = convert(noise, side, side).map((value, at) => Math.abs(value - (ffmpeg[at] as number)));
    expect(Math.max(...difference)).toBeLessThanOrEqual(1);
  });

  it('has the colours of its definition', () => {
    const one = (y: number, u: number, v: number) => {
      const yuv = new Uint8Array(6).fill(y, 0, 4);
      yuv.set([u, v], 4);
      return [...convert(yuv, 2, 2).subarray(0, 3)];
    };
    expect(one(0, 128, 128)).toEqual([0, 0, 0]);
    expect(one(255, 128, 128)).toEqual([255, 255, 255]);
    expect(one(76, 85, 255)).toEqual([254, 0, 0]);
    expect(one(150, 44, 21)).toEqual([0, 255, 1]);
    expect(one(29, 255, 107)).toEqual([0, 0, 254]);
  });

  it('leaves out padding, and the last row and column of an odd side', () => {
    const stride = 128;
    const padded = new Uint8Array(yuvBytes({ height: side, stride })).fill(0x55);
    for (let row = 0; row < side; row += 1) padded.set(noise.subarray(row * side, (row + 1) * side), row * stride);
    for (let row = 0; row < side; row += 1) {
      const from = side * side + (row * side) / 2;
      padded.set(noise.subarray(from, from + side / 2), side * stride + (row * stride) / 2);
    }
    expect(convert(padded, side, stride)).toEqual(convert(noise, side, side));
    const odd = convert(padded, side - 1, stride);
    const even = convert(noise, side, side);
    for (let row = 0; row < side - 1; row += 1) {
      expect(odd.subarray(row * (side - 1) * 3, (row + 1) * (side - 1) * 3)).toEqual(
        even.subarray(row * side * 3, (row + 1) * side * 3 - 3),
      );
    }
  });

  it('is turned and mirrored on the way', () => {
    const upright = convert(noise, side, side);
    const turned = convert(noise, side, side, { rotate: 90, mirror: true });
    const pixel = (pixels: Uint8Array, x: number, y: number) => [...pixels.subarray((y * side + x) * 3, (y * side + x) * 3 + 3)];
    expect(pixel(turned, 10, 3)).toEqual(pixel(upright, 3, 10));
  });
});

describe('a stream of YUV pictures', () => {
  const format = { rho: side, crop: 1 };
  const clock = new FakeClock();
  const reader = (sink: WatchingSink) => new YuvFrames(format, sink, clock, { height: side, stride: side }, placement(side, {}), 10);

  it('is cut into frames wherever its chunks end', () => {
    const sink = new WatchingSink();
    const frames = reader(sink);
    const stream = Buffer.concat([noise, noise, noise.subarray(0, 100)]);
    for (let at = 0; at < stream.length; at += 1000) frames.push(stream.subarray(at, at + 1000));
    expect(sink.frames).toHaveLength(2);
    for (const { pixels } of sink.frames) expect(pixels).toEqual(convert(noise, side, side));
  });

  it('is out of step once bytes that are no picture came with it, and not because frames come in parts', async () => {
    const frames = reader(new WatchingSink());
    for (let index = 0; index < 30; index += 1) {
      const cut = 100 + index;
      frames.push(noise.subarray(0, cut));
      await clock.advance(60);
      frames.push(noise.subarray(cut));
      await clock.advance(40);
      expect(frames.isShifted).toBe(false);
    }
    frames.push(Buffer.from('Hello\n'));
    for (let index = 0; index < 12; index += 1) {
      frames.push(noise);
      await clock.advance(100);
    }
    expect(frames.isShifted).toBe(true);
  });
});
