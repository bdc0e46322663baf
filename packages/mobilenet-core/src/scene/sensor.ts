/**
 * @file The camera: lens blur and belt motion, light, sensor noise, eight bits; and how a sensor picture becomes a smaller one.
 */
import { placement, sourceRegion } from '../image/orientation.ts';
import type { View } from '../image/view.ts';
import type { Canvas } from './canvas.ts';
import { hash } from './hash.ts';

/** Side of the sensor in pixels. */
export const sensorSide = 224;
const values = sensorSide * sensorSide * 3;

/** Blurs in place: defocus both ways (Gaussian, as its five nearest pixels), then the belt's motion along the rows. */
export function blur(canvas: Canvas, defocus: number, motion: number): void {
  const lens = gaussian(defocus);
  convolve(canvas, lens, canvas.width * 3);
  convolve(canvas, lens, 3);
  convolve(canvas, box(motion), 3);
}

function gaussian(sigma: number): readonly [number, number, number] {
  const [one, two] = [1, 4].map((square) => Math.exp(-square / (2 * sigma * sigma))) as [number, number];
  const sum = 1 + 2 * one + 2 * two;
  return [1 / sum, one / sum, two / sum];
}

/** A box this many pixels wide, 1 to 3. */
function box(width: number): readonly [number, number, number] {
  const side = (width - 1) / 2 / width;
  return [1 / width, side, 0];
}

/** Convolves with a symmetric kernel of five, `stride` values from one pixel to the next; the outermost two pixels stay. */
function convolve({ data }: Canvas, [centre, one, two]: readonly [number, number, number], stride: number): void {
  if (centre > 0.999) return;
  const from = Float32Array.from(data);
  const end = data.length - 2 * stride;
  for (let at = 2 * stride; at < end; at += 1) {
    data[at] =
      centre * (from[at] as number) +
      one * ((from[at - stride] as number) + (from[at + stride] as number)) +
      two * ((from[at - 2 * stride] as number) + (from[at + 2 * stride] as number));
  }
}

export type Exposure = {
  /** Gain of red, green and blue. */
  readonly gain: readonly [number, number, number];
  /** How much brighter the right (lower) edge is than the left (upper), as a share. */
  readonly slopeX: number;
  readonly slopeY: number;
  /** Standard deviation of the noise in grey levels. */
  readonly noise: number;
  readonly seed: number;
};

/**
 * Exposes the sensor.
 * @param light two canvases side by side, `sensorSide` high and wide; the picture starts `shift` pixels into the first
 * @param target sensorSide × sensorSide × 3
 */
export function expose(light: readonly [Canvas, Canvas], shift: number, exposure: Exposure, target: Uint8ClampedArray): void {
  const { gain, slopeX, slopeY, noise, seed } = exposure;
  const wild = noiseTable();
  const fromFirst = (sensorSide - shift) * 3;
  for (let row = 0; row < sensorSide; row += 1) {
    const start = row * sensorSide * 3;
    const rowGain = 1 + slopeY * (row / sensorSide - 0.5);
    const [red, green, blue] = [gain[0] * rowGain, gain[1] * rowGain, gain[2] * rowGain];
    let random = hash(seed, row) & noiseMask;
    for (let at = 0, column = -sensorSide / 2; at < sensorSide * 3; at += 3, column += 1) {
      const data = at < fromFirst ? light[0].data : light[1].data;
      const from = start + (at < fromFirst ? at + shift * 3 : at - fromFirst);
      const slope = 1 + slopeX * (column / sensorSide);
      target[start + at] = (data[from] as number) * red * slope + (wild[random] as number) * noise;
      target[start + at + 1] = (data[from + 1] as number) * green * slope + (wild[random + 1] as number) * noise;
      target[start + at + 2] = (data[from + 2] as number) * blue * slope + (wild[random + 2] as number) * noise;
      random = (random + 3) & noiseMask;
    }
  }
}

const noiseMask = 2 ** 16 - 1;
let noiseValues: Float32Array | undefined;

/** Noise of standard deviation 1: the sum of four bytes is near enough to a Gaussian. Each row of a frame starts anywhere in it. */
function noiseTable(): Float32Array {
  if (noiseValues === undefined) {
    // The variance of a uniform byte is (256² − 1) / 12; of four, four times that.
    const deviation = Math.sqrt((4 * (256 ** 2 - 1)) / 12);
    noiseValues = Float32Array.from({ length: noiseMask + 4 }, (_, at) => {
      const bits = hash(0x5eed, at);
      return ((bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24) - 510) / deviation;
    });
  }
  return noiseValues;
}

/**
 * Averages the sensor's picture, each output pixel over exactly the area that it covers.
 * @param crop share of the view's sides that the output shows, around its middle
 * @param target rho × rho × 3
 */
export function average(sensor: Uint8ClampedArray, rho: number, crop: number, view: View, target: Uint8Array): void {
  const { x, y, width, height } = sourceRegion(crop, view);
  const { origin, column, row } = placement(rho, view);
  if (rho === sensorSide && width === 1 && height === 1 && origin === 0 && column === 1) {
    target.set(sensor.subarray(0, values));
    return;
  }
  const down = planFor(rho, y, height);
  const along = planFor(rho, x, width);
  const sums = sumsFor(rho);
  for (let out = 0; out < rho; out += 1) {
    sums.fill(0);
    for (let part = 0; part < (down.count[out] as number); part += 1) {
      const start = ((down.first[out] as number) + part) * sensorSide * 3;
      addRow(sensor, start, down.weights[out * down.most + part] as number, along, sums);
    }
    placeRow(sums, (origin + out * row) * 3, column * 3, target);
  }
}

function addRow(sensor: Uint8ClampedArray, start: number, share: number, { first, count, weights, most }: Plan, sums: Float64Array): void {
  for (let column = 0, at = 0; at < sums.length; column += 1, at += 3) {
    let [red, green, blue] = [0, 0, 0];
    let from = start + (first[column] as number) * 3;
    const parts = count[column] as number;
    for (let part = 0; part < parts; part += 1, from += 3) {
      const weight = weights[column * most + part] as number;
      red += (sensor[from] as number) * weight;
      green += (sensor[from + 1] as number) * weight;
      blue += (sensor[from + 2] as number) * weight;
    }
    sums[at] = (sums[at] as number) + red * share;
    sums[at + 1] = (sums[at + 1] as number) + green * share;
    sums[at + 2] = (sums[at + 2] as number) + blue * share;
  }
}

function placeRow(sums: Float64Array, start: number, step: number, target: Uint8Array): void {
  for (let at = 0, out = start; at < sums.length; at += 3, out += step) {
    target[out] = (sums[at] as number) + 0.5;
    target[out + 1] = (sums[at + 1] as number) + 0.5;
    target[out + 2] = (sums[at + 2] as number) + 0.5;
  }
}

let lastSums = new Float64Array(0);

function sumsFor(rho: number): Float64Array {
  if (lastSums.length !== rho * 3) lastSums = new Float64Array(rho * 3);
  return lastSums;
}

/** For each output pixel along a side: the first sensor pixel under it, how many, and the share of each. */
type Plan = { readonly first: Int32Array; readonly count: Int32Array; readonly weights: Float64Array; readonly most: number };

type Kept = { readonly rho: number; readonly start: number; readonly length: number; readonly plan: Plan };
/** The last two: one along and one down, which are the same for a square region. */
let kept: readonly Kept[] = [];

function planFor(rho: number, start: number, length: number): Plan {
  const known = kept.find((plan) => plan.rho === rho && plan.start === start && plan.length === length);
  if (known !== undefined) return known.plan;
  const made = { rho, start, length, plan: makePlan(rho, start * sensorSide, length * sensorSide) };
  kept = [made, ...kept.slice(0, 1)];
  return made.plan;
}

/** @param edge and length, in sensor pixels, of what the side shows */
function makePlan(rho: number, edge: number, length: number): Plan {
  const size = length / rho;
  const most = Math.ceil(size) + 1;
  const plan = { first: new Int32Array(rho), count: new Int32Array(rho), weights: new Float64Array(rho * most), most };
  for (let out = 0; out < rho; out += 1) {
    const from = edge + out * size;
    const to = Math.min(from + size, sensorSide);
    const first = Math.floor(from + 1e-9);
    plan.first[out] = first;
    plan.count[out] = Math.min(Math.ceil(to - 1e-9) - first, most);
    for (let part = 0; part < (plan.count[out] as number); part += 1) {
      plan.weights[out * most + part] = (Math.min(to, first + part + 1) - Math.max(from, first + part)) / size;
    }
  }
  return plan;
}
