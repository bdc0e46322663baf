/** @file Which part of a camera's picture is looked at, and which way up it is: the same for every kind of camera. */
import { type CropBox, centralCrop } from './crop.ts';

/** A box in fractions of a picture's width and height, from 0 to 1. */
export type Region = { x: number; y: number; width: number; height: number };

/** How a picture is seen: turned, then mirrored, and of that the region. Left away: all of it, as it comes. */
export type View = {
  /** Clockwise, degrees. */
  rotate?: 0 | 90 | 180 | 270;
  /** Left becomes right, after turning. */
  mirror?: boolean;
  /** Of the upright picture. */
  roi?: Region;
};

/** Whether a view swaps a picture's width and height. */
export function isTurnedSideways({ rotate }: View): boolean {
  return rotate === 90 || rotate === 270;
}

/** The box, in pixels of the upright picture, that a frame shows: the central crop of the view's region. */
export function viewBox(width: number, height: number, crop: number, { roi }: View): CropBox {
  if (roi === undefined) return centralCrop(width, height, crop);
  const left = Math.min(Math.round(roi.x * width), width - 1);
  const top = Math.min(Math.round(roi.y * height), height - 1);
  const inner = centralCrop(
    Math.max(1, Math.min(Math.round(roi.width * width), width - left)),
    Math.max(1, Math.min(Math.round(roi.height * height), height - top)),
    crop,
  );
  return { ...inner, left: left + inner.left, top: top + inner.top };
}

/** Where the middle and how long the side of what a frame shows is, on one axis, in fractions of the upright picture. */
export type Span = { middle: number; length: number };

/** The same as {@link viewBox}, before it is rounded to any picture's pixels. */
export function viewSpans(crop: number, { roi }: View): { x: Span; y: Span } {
  const { x, y, width, height } = roi ?? { x: 0, y: 0, width: 1, height: 1 };
  return { x: { middle: x + width / 2, length: width * crop }, y: { middle: y + height / 2, length: height * crop } };
}
