/**
 * @file A built-in scene: an inspection line with parts passing by on a belt. Drawn from nothing but a seed and a frame
 * number, at any size, the same on every machine; and it knows what every frame shows.
 */
import { draws, hash } from './hash.ts';
import { type InspectionLineLabel, inspectionLineLabels, type PartLabel, paints } from './parts.ts';
import type { Coat, Rgb } from './shapes.ts';

export { type InspectionLineLabel, inspectionLineLabels } from './parts.ts';

export type InspectionLineTruth = {
  readonly label: InspectionLineLabel;
  /** Index of the label in `inspectionLineLabels`. */
  readonly class: number;
  /** Where the part nearest to the picture's middle is, −0.5 (left edge) to 0.5 (right edge), whether or not it counts as seen. */
  readonly offset: number;
};

export type SceneView = {
  /** Side of the square picture in pixels. */
  readonly rho: number;
  /** Share of the scene's side that the picture shows, around its middle: 1 shows all of it. */
  readonly crop: number;
};

/** Frames a second that the belt's speed is made for. */
export const inspectionLineRate = 10;

/** Picture widths that the belt moves in one frame: a part is in the picture for about 4 s at 10 frames/s. */
const step = 0.03;
/** Picture widths from one place on the belt to the next; one in `emptyShare` has no part. */
const pitch = 0.95;
const emptyShare = 1 / 8;
/** A part whose middle is nearer to the picture's than this is what the picture shows. */
const seenWithin = 0.38;
/** Part heights as a share of the picture. */
const partScale = 0.62;
/** The belt's upper and lower edge. */
const beltTop = 0.13;
const beltBottom = 0.87;

const partLabels = inspectionLineLabels.filter((label): label is PartLabel => label !== 'empty belt');

type Part = {
  readonly label: PartLabel;
  readonly x: number;
  readonly y: number;
  readonly scale: number;
  readonly turn: number;
  readonly coats: Coat[];
};

/** What frame `index` (from 0) of the line `seed` shows. */
export function inspectionLineTruth(seed: number, index: number): InspectionLineTruth {
  const place = nearestPlace(index);
  const offset = place * pitch - index * step;
  const part = partAt(seed, place);
  const label = part !== undefined && Math.abs(offset + part.x) <= seenWithin ? part.label : 'empty belt';
  return { label, class: inspectionLineLabels.indexOf(label), offset: offset + (part?.x ?? 0) };
}

/**
 * Draws frame `index` (from 0) of the line `seed`.
 * @param target rho × rho × 3 bytes, RGB, overwritten
 */
export function drawInspectionLine(seed: number, index: number, view: SceneView, target: Uint8Array): void {
  const { rho, crop } = view;
  const light = 0.94 + 0.06 * Math.sin(index * 0.11 + (hash(seed, -1) % 7));
  drawBelt(seed, index, view, target, light);
  const place = nearestPlace(index);
  for (const candidate of [place - 1, place, place + 1]) {
    const part = partAt(seed, candidate);
    if (part !== undefined) drawPart(part, 0.5 + candidate * pitch - index * step + part.x, { rho, crop, light }, target);
  }
  addNoise(hash(seed, index), target);
}

function nearestPlace(index: number): number {
  return Math.round((index * step) / pitch);
}

/** @returns the part that lies at this place of the belt; undefined where it is left free */
function partAt(seed: number, place: number): Part | undefined {
  const draw = draws(seed, place + 1);
  if (draw(0) < emptyShare) return undefined;
  const label = partLabels[Math.floor(draw(1) * partLabels.length)] as PartLabel;
  return {
    label,
    x: (draw(2) - 0.5) * 0.1,
    y: 0.5 + (draw(3) - 0.5) * 0.08,
    scale: partScale * (0.85 + 0.3 * draw(4)),
    turn: (draw(5) - 0.5) * (label === 'gear' || label === 'nut' ? 2 : 0.3),
    coats: paints[label]((index) => draw(10 + index)),
  };
}

/** Steel rails above and below, between them a dark belt whose texture moves with the parts. */
function drawBelt(seed: number, index: number, { rho, crop }: SceneView, target: Uint8Array, light: number): void {
  const edge = (1 - crop) / 2;
  for (let row = 0; row < rho; row += 1) {
    const v = edge + ((row + 0.5) / rho) * crop;
    const onBelt = smooth((v - beltTop) * rho * 0.5) * smooth((beltBottom - v) * rho * 0.5);
    const rail = 150 + 60 * Math.cos((v < 0.5 ? v / beltTop : (1 - v) / (1 - beltBottom)) * Math.PI);
    for (let column = 0; column < rho; column += 1) {
      const along = edge + ((column + 0.5) / rho) * crop + index * step;
      const grain = ((hash(seed, Math.floor(along * 96) * 131 + Math.floor(v * 96)) & 15) - 8) * 0.9;
      const seam = 14 * Math.exp(-(((along % 0.5) - 0.25) ** 2) * 4000);
      const belt = 58 + grain - seam + 10 * Math.sin(v * Math.PI);
      const base = (belt * onBelt + rail * (1 - onBelt)) * light;
      const at = (row * rho + column) * 3;
      target[at] = clamp(base * 0.97);
      target[at + 1] = clamp(base);
      target[at + 2] = clamp(base * 1.05);
    }
  }
}

type View = SceneView & { readonly light: number };

function drawPart(part: Part, centre: number, view: View, target: Uint8Array): void {
  const { rho, crop } = view;
  const edge = (1 - crop) / 2;
  const toPixel = (at: number): number => ((at - edge) / crop) * rho;
  const reach = part.scale * 0.62;
  const left = Math.max(Math.floor(toPixel(centre - reach)), 0);
  const right = Math.min(Math.ceil(toPixel(centre + reach)), rho);
  const top = Math.max(Math.floor(toPixel(part.y - reach)), 0);
  const bottom = Math.min(Math.ceil(toPixel(part.y + reach)), rho);
  // Pixels in one unit of the part's own coordinates: distances times this are distances in pixels.
  const unit = (part.scale / crop) * rho;
  const [cos, sin] = [Math.cos(part.turn), Math.sin(part.turn)];
  for (let row = top; row < bottom; row += 1) {
    const dy = (edge + ((row + 0.5) / rho) * crop - part.y) / part.scale;
    for (let column = left; column < right; column += 1) {
      const dx = (edge + ((column + 0.5) / rho) * crop - centre) / part.scale;
      paint(
        part.coats,
        { x: cos * dx + sin * dy, y: cos * dy - sin * dx, dx, dy, unit, light: view.light },
        target,
        (row * rho + column) * 3,
      );
    }
  }
}

type Point = {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
  readonly unit: number;
  readonly light: number;
};

/** A soft shadow to the lower right first, then coat over coat, each with an edge one pixel wide. */
function paint(coats: readonly Coat[], { x, y, dx, dy, unit, light }: Point, target: Uint8Array, at: number): void {
  const shadow = 0.45 * Math.exp(-Math.max(Math.hypot((dx - 0.08) / 0.42, (dy - 0.1) / 0.52) - 0.55, 0) * 9);
  darken(target, at, 1 - shadow);
  for (const { distance, colour, shade } of coats) {
    const cover = smooth(-distance(x, y) * unit);
    if (cover > 0) blend(target, at, colour, cover, (shade?.(x, y) ?? 1) * light);
  }
}

function darken(target: Uint8Array, at: number, share: number): void {
  for (let channel = at; channel < at + 3; channel += 1) target[channel] = (target[channel] as number) * share;
}

function blend(target: Uint8Array, at: number, colour: Rgb, cover: number, brightness: number): void {
  for (let channel = 0; channel < 3; channel += 1) {
    const under = target[at + channel] as number;
    target[at + channel] = clamp(under + (colour[channel as 0 | 1 | 2] * brightness - under) * cover);
  }
}

/** The sensor's noise: each value up to ±5, four values from one draw. */
function addNoise(seed: number, target: Uint8Array): void {
  for (let at = 0; at < target.length; at += 4) {
    let bits = hash(seed, at);
    for (let channel = at; channel < at + 4 && channel < target.length; channel += 1) {
      target[channel] = clamp((target[channel] as number) + ((bits & 255) % 11) - 5);
      bits >>>= 8;
    }
  }
}

/** 0 below −0.5 pixels, 1 above 0.5, straight in between. */
function smooth(pixels: number): number {
  return Math.min(Math.max(pixels + 0.5, 0), 1);
}

function clamp(value: number): number {
  return Math.min(Math.max(value, 0), 255);
}
