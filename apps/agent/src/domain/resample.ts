/** @file One frame in another format: so that two variants see the same picture at the same moment, though each wants its own side. */
import type { FrameFormat } from './frames.ts';

/** For each target pixel of a line: its first source pixel, and how much of each from there on. */
type Taps = { readonly first: Int32Array; readonly weights: readonly Float32Array[] };

/**
 * The smallest format from which both can be made without loss: its view holds both views, and no pixel of either is finer than its own.
 */
export function commonFormat(a: FrameFormat, b: FrameFormat): FrameFormat {
  const crop = Math.max(a.crop, b.crop);
  return { crop, rho: Math.ceil(Math.max(a.rho / a.crop, b.rho / b.crop) * crop - 1e-6) };
}

/**
 * Scales the part of a frame that another format shows, by a triangle as wide as the step between target pixels, so that nothing between
 * them is missed. Memory is taken once.
 */
export class Resampler {
  private readonly from: FrameFormat;
  private readonly to: FrameFormat;
  private readonly taps: Taps;
  /** Source rows, each already as wide as the target: from.rho × to.rho × 3. */
  private readonly rows: Float32Array;

  /** @param from its crop is not below that of `to` */
  constructor(from: FrameFormat, to: FrameFormat) {
    this.from = from;
    this.to = to;
    this.taps = tapsOf(from, to);
    this.rows = new Float32Array(from.rho * to.rho * 3);
  }

  /** @param source from.rho² × 3 bytes, @param target to.rho² × 3 bytes */
  run(source: Uint8Array, target: Uint8Array): void {
    const { first, weights } = this.taps;
    const { rho: side } = this.to;
    const top = first[0] ?? 0;
    const end = (first[side - 1] ?? 0) + (weights[side - 1]?.length ?? 0);
    for (let row = top; row < end; row += 1) this.narrow(source, row);
    for (let row = 0; row < side; row += 1) this.flatten(target, row);
  }

  private narrow(source: Uint8Array, row: number): void {
    const { first, weights } = this.taps;
    const { rho: side } = this.to;
    const from = row * this.from.rho * 3;
    let at = row * side * 3;
    for (let column = 0; column < side; column += 1) {
      const taps = weights[column]!;
      let pixel = from + first[column]! * 3;
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let tap = 0; tap < taps.length; tap += 1, pixel += 3) {
        const weight = taps[tap]!;
        red += weight * source[pixel]!;
        green += weight * source[pixel + 1]!;
        blue += weight * source[pixel + 2]!;
      }
      this.rows[at] = red;
      this.rows[at + 1] = green;
      this.rows[at + 2] = blue;
      at += 3;
    }
  }

  private flatten(target: Uint8Array, row: number): void {
    const width = this.to.rho * 3;
    const taps = this.taps.weights[row]!;
    const from = this.taps.first[row]! * width;
    const to = row * width;
    for (let byte = 0; byte < width; byte += 1) {
      let sum = 0.5;
      for (let tap = 0; tap < taps.length; tap += 1) sum += taps[tap]! * this.rows[from + tap * width + byte]!;
      // Weights are not negative and sum to one: the sum stays within a byte.
      target[to + byte] = sum;
    }
  }
}

function tapsOf(from: FrameFormat, to: FrameFormat): Taps {
  const shown = (from.rho * to.crop) / from.crop;
  const start = (from.rho - shown) / 2;
  const step = shown / to.rho;
  const reach = Math.max(step, 1);
  const first = new Int32Array(to.rho);
  const weights = Array.from({ length: to.rho }, (_, index) => {
    const centre = start + (index + 0.5) * step - 0.5;
    const low = Math.max(0, Math.ceil(centre - reach));
    const high = Math.min(from.rho - 1, Math.floor(centre + reach));
    first[index] = low;
    const raw = Array.from({ length: high - low + 1 }, (__, tap) => Math.max(0, 1 - Math.abs(low + tap - centre) / reach));
    const sum = raw.reduce((total, weight) => total + weight, 0);
    return Float32Array.from(raw, (weight) => weight / sum);
  });
  return { first, weights };
}
