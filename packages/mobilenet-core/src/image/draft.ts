/**
 * @file Decoding of a JPEG at a fraction of its size. libvips does that where a whole picture is resized, and not where a part is cut out
 * first; so the whole is made as large as it must be for the wanted box to come out at rho × rho, and the box is cut out of that.
 */
import type { Span } from './view.ts';

/** Below this libvips decodes the whole picture anyway (sharp's pipeline.cc): cutting out first is cheaper then, and exact. */
const leastShrink = 3;

/** What the whole picture is scaled to, and where in that the box is. */
export type ShrunkWhole = { width: number; height: number; at: { left: number; top: number } };

/** @returns undefined where nothing is won by it */
export function shrunkWhole(width: number, height: number, rho: number, { x, y }: { x: Span; y: Span }): ShrunkWhole | undefined {
  const [across, down] = [place(rho, x), place(rho, y)];
  if (Math.min(width / across.size, height / down.size) < leastShrink) return undefined;
  return { width: across.size, height: down.size, at: { left: across.at, top: down.at } };
}

/** Of the two whole sizes next to the right one, the one in which the box falls nearer to whole pixels. */
function place(rho: number, { middle, length }: Span): { size: number; at: number } {
  const right = rho / length;
  const [smaller, larger] = [Math.max(Math.floor(right), rho), Math.max(Math.ceil(right), rho)].map((size) => {
    const wanted = middle * size - rho / 2;
    const at = Math.min(Math.max(Math.round(wanted), 0), size - rho);
    return { size, at, error: Math.abs(wanted - at) };
  }) as [Placed, Placed];
  return smaller.error < larger.error ? smaller : larger;
}

type Placed = { size: number; at: number; error: number };
