/** @file What a V4L2 device can deliver, from the words of v4l2-ctl or ffmpeg, and which of it is taken. */
import type { Size } from './camera-address.ts';

/** Frames a second, highest first; none where the tool does not tell. */
export type DeviceSize = Size & { readonly rates: readonly number[] };
export type DeviceFormat = {
  /** As V4L2 calls it, or ffmpeg's name where only that one told. */
  readonly code: string;
  /** ffmpeg's `-input_format`; undefined where it cannot read such pictures. */
  readonly ffmpeg: string | undefined;
  readonly isCompressed: boolean;
  readonly sizes: readonly DeviceSize[];
};

/** V4L2's codes by ffmpeg's names, of those that it decodes to a picture (libavdevice's table, without raw sensor patterns). */
const ffmpegNames: Record<string, string> = {
  YUYV: 'yuyv422',
  UYVY: 'uyvy422',
  NV12: 'nv12',
  YU12: 'yuv420p',
  '422P': 'yuv422p',
  RGB3: 'rgb24',
  BGR3: 'bgr24',
  BGR4: 'bgr0',
  GREY: 'gray',
  MJPG: 'mjpeg',
  JPEG: 'mjpeg',
  H264: 'h264',
};
const compressed = new Set(['mjpeg', 'h264']);

/** Of a device that takes any size, the one that is offered. */
const anySize: Size = { width: 1280, height: 720 };

/** @param text what `v4l2-ctl --list-formats-ext` prints */
export function parseV4l2Formats(text: string): DeviceFormat[] {
  const formats: { code: string; sizes: { width: number; height: number; rates: number[] }[] }[] = [];
  for (const line of text.split('\n')) {
    const code = /(?:\[\d+\]|Pixel Format)\s*:\s*'([^']{1,8})'/.exec(line)?.[1]?.trim();
    if (code !== undefined) formats.push({ code, sizes: [] });
    const size = readSize(line);
    if (size !== undefined) formats.at(-1)?.sizes.push({ ...size, rates: [] });
    if (line.includes('Interval:'))
      formats
        .at(-1)
        ?.sizes.at(-1)
        ?.rates.push(...readRates(line));
  }
  return formats.map(({ code, sizes }) => known(code, ffmpegNames[code], sizes));
}

function readSize(line: string): Size | undefined {
  const [width, height, most] = (/Size: \w+ (\d+)x(\d+)(?: - (\d+x\d+))?/.exec(line) ?? []).slice(1);
  if (width === undefined || height === undefined) return undefined;
  if (most === undefined) return { width: Number(width), height: Number(height) };
  const [mostWidth = 0, mostHeight = 0] = most.split('x').map(Number);
  return { width: Math.min(mostWidth, anySize.width), height: Math.min(mostHeight, anySize.height) };
}

/** `(30.000 fps)`, or the range `(1.000-90.000 fps)` of which the upper end counts. */
function readRates(line: string): number[] {
  const rate = /\((?:[\d.]+-)?([\d.]+) fps\)/.exec(line)?.[1];
  return rate === undefined ? [] : [Number(rate)];
}

/** @param text what `ffmpeg -f v4l2 -list_formats all -i DEVICE` prints: names and sizes, and no rates */
export function parseFfmpegFormats(text: string): DeviceFormat[] {
  return text.split('\n').flatMap((line) => {
    const match = /\b(Raw|Compressed)\s*:\s*(\S+)\s*:.*:\s*((?:\d+x\d+\s*)+)$/.exec(line.trimEnd());
    if (match === null) return [];
    const [, , name = '', sizes = ''] = match;
    const list = sizes
      .trim()
      .split(/\s+/)
      .map((size) => {
        const [width = 0, height = 0] = size.split('x').map(Number);
        return { width, height, rates: [] };
      });
    return [known(name, Object.values(ffmpegNames).includes(name) ? name : undefined, list)];
  });
}

function known(code: string, ffmpeg: string | undefined, sizes: readonly DeviceSize[]): DeviceFormat {
  const sorted = sizes.map(({ rates, ...size }) => ({ ...size, rates: [...rates].sort((a, b) => b - a) }));
  return { code, ffmpeg, isCompressed: ffmpeg !== undefined && compressed.has(ffmpeg), sizes: sorted };
}

/** What the operator wants of the device, and how many frames a second are taken of what it gives. */
export type Wish = { readonly size?: Size; readonly rate?: number; readonly format?: string; readonly taken?: number | undefined };
export type Choice = { readonly size?: Size; readonly rate?: number; readonly format?: string };

/** The picture is scaled to a few hundred pixels: more than 720p costs time and shows nothing new, unless a small region is looked at. */
const enough: Size = { width: 1280, height: 720 };
const usualRate = 30;

/**
 * What is asked of the device: of the sizes up to 720p the largest, which shows most of the scene, whatever ρ is; raw pictures where they
 * come fast enough at that size (USB 2 carries 720p raw 10 times a second), JPEG otherwise; the lowest rate that is enough. What the
 * operator wished stays as it is.
 */
export function chooseFormat(formats: readonly DeviceFormat[], wish: Wish): Choice {
  const readable = formats.filter(({ ffmpeg }) => ffmpeg !== undefined && (wish.format === undefined || wish.format === ffmpeg));
  const size = wish.size ?? largest(readable.filter(({ ffmpeg }) => ffmpeg !== 'h264').flatMap(({ sizes }) => sizes));
  const offers = readable.flatMap((format) =>
    format.sizes.filter((one) => size !== undefined && same(one, size)).map(({ rates }) => ({ format, rates })),
  );
  const wanted = wish.rate ?? wish.taken ?? usualRate;
  const format = wish.format ?? pick(offers, wanted, size)?.ffmpeg;
  const rate =
    wish.rate ??
    lowestEnough(
      offers.filter((offer) => offer.format.ffmpeg === format).flatMap(({ rates }) => rates),
      wanted,
    );
  return { ...(size !== undefined && { size }), ...(rate !== undefined && { rate }), ...(format !== undefined && { format }) };
}

type Offer = { readonly format: DeviceFormat; readonly rates: readonly number[] };

function pick(offers: readonly Offer[], rate: number, size: Size | undefined): DeviceFormat | undefined {
  const raw = offers.find(({ format }) => !format.isCompressed);
  const jpeg = offers.find(({ format }) => format.ffmpeg === 'mjpeg');
  if (raw === undefined || jpeg === undefined) return (raw ?? jpeg)?.format;
  const [fastest] = raw.rates;
  const isQuick = fastest === undefined ? (size?.width ?? 0) < enough.width : fastest >= rate - 0.5;
  return isQuick ? raw.format : jpeg.format;
}

function lowestEnough(rates: readonly number[], wanted: number): number | undefined {
  const rising = [...rates].sort((a, b) => a - b);
  return rising.find((rate) => rate >= wanted - 0.5) ?? rising.at(-1);
}

function largest(sizes: readonly Size[]): Size | undefined {
  const area = ({ width, height }: Size): number => width * height;
  const bySize = [...sizes].sort((a, b) => area(b) - area(a));
  const found = bySize.find((size) => area(size) <= area(enough)) ?? bySize.at(-1);
  return found === undefined ? undefined : { width: found.width, height: found.height };
}

function same(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height;
}
