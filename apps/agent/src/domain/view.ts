/** @file How an operator writes which part of the picture is looked at, and which way up it is. */
import type { Region, View } from '@alpharho/mobilenet-core';

export const turns = ['0', '90', '180', '270'] as const;

/** Less than this of a side is a slip of the pen. */
const leastShare = 0.01;

/** `x,y,width,height`, fractions of the upright picture. @returns undefined where it is none, or leaves the picture */
export function parseRoi(text: string): Region | undefined {
  const parts = text.split(',').map((part) => (/^\s*\d*\.?\d+\s*$/.test(part) ? Number(part) : Number.NaN));
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 1))) return undefined;
  const [x = 0, y = 0, width = 0, height = 0] = parts;
  if (width < leastShare || height < leastShare || x + width > 1 + 1e-9 || y + height > 1 + 1e-9) return undefined;
  return { x, y, width, height };
}

/** The three settings as cameras take them. */
export function viewOf(settings: {
  readonly roi: string | undefined;
  readonly rotate: (typeof turns)[number];
  readonly mirror: boolean;
}): View {
  const roi = settings.roi === undefined ? undefined : parseRoi(settings.roi);
  return { rotate: Number(settings.rotate) as 0 | 90 | 180 | 270, mirror: settings.mirror, ...(roi !== undefined && { roi }) };
}
