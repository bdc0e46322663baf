/** @file A view as the camera's own, unturned picture has it: which part of it is shown, and where each of its pixels goes. */
import { type Region, type View, viewSpans } from './view.ts';

/** What a frame shows of the picture as it comes from the camera, before it is turned or mirrored: the variant's crop of the view's region. */
export function sourceRegion(crop: number, view: View): Region {
  const spans = viewSpans(crop, view);
  const upright = { x: start(spans.x), y: start(spans.y), width: spans.x.length, height: spans.y.length };
  const { y, width, height } = upright;
  const x = view.mirror === true ? 1 - upright.x - width : upright.x;
  if (view.rotate === 90) return { x: y, y: 1 - x - width, width: height, height: width };
  if (view.rotate === 180) return { x: 1 - x - width, y: 1 - y - height, width, height };
  if (view.rotate === 270) return { x: 1 - y - height, y: x, width: height, height: width };
  return { x, y, width, height };
}

function start({ middle, length }: { middle: number; length: number }): number {
  return middle - length / 2;
}

/** Pixel (column, row) of an unturned square goes to pixel `origin + column × column's step + row × row's step` of the turned one. */
export type Placement = { readonly origin: number; readonly column: number; readonly row: number };

/** @param side of the square, in pixels */
export function placement(side: number, { rotate = 0, mirror = false }: View): Placement {
  const last = side - 1;
  const turned = {
    0: { x: 0, y: 0, column: [1, 0], row: [0, 1] },
    90: { x: last, y: 0, column: [0, 1], row: [-1, 0] },
    180: { x: last, y: last, column: [-1, 0], row: [0, -1] },
    270: { x: 0, y: last, column: [0, -1], row: [1, 0] },
  }[rotate] as { x: number; y: number; column: [number, number]; row: [number, number] };
  const sign = mirror ? -1 : 1;
  const step = ([x, y]: [number, number]): number => sign * x + side * y;
  return { origin: (mirror ? last - turned.x : turned.x) + side * turned.y, column: step(turned.column), row: step(turned.row) };
}
