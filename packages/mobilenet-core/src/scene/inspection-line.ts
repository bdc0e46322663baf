/**
 * @file A built-in scene: an inspection line with products passing by on a belt. Drawn from nothing but a seed and a frame
 * number, at any size, the same on every machine; and it knows what every frame shows.
 *
 * The belt creeps while a product is in the camera's view and hurries to the next one. So a frame shows one whole product, or
 * none: there is no frame in between of which two answers could be right.
 */
import type { View } from '../image/view.ts';
import { type Belt, drawBelt, paintBelt } from './belt.ts';
import { type Area, type Canvas, newCanvas, type Pose } from './canvas.ts';
import { type Condition, conditions, type InspectionLineLabel, inspectionLineLabels } from './classes.ts';
import { draws, hash } from './hash.ts';
import { type Light, paintProduct } from './paint-product.ts';
import { decisiveArea, drawProduct, markArea, type Product } from './product.ts';
import { average, blur, type Exposure, expose, sensorSide } from './sensor.ts';

export { type InspectionLineLabel, inspectionLineLabels } from './classes.ts';

/** What a frame of the inspection line shows. */
export type InspectionLineTruth = {
  readonly label: InspectionLineLabel;
  /** Index of the label in `inspectionLineLabels`. */
  readonly class: number;
  /** Where the middle of the place nearest to the picture's middle is, −0.5 (left edge) to 0.5 (right edge), with a product or without. */
  readonly offset: number;
  /** The defect's decisive length in pixels of a picture of 224: a scratch's or letter stroke's width, the radius of anything else; 0 where nothing is small. */
  readonly defectSize: number;
  /** Where that lies between the smallest of its kind (0) and the largest (1). */
  readonly defectScale: number;
  /** Where the picture shows what decides (the defect; a good product's mark; the middle of a lid without label), and within which radius. */
  readonly decisive: Spot | undefined;
  /** Where the label's mark is, right or wrong. */
  readonly mark: Spot | undefined;
};

/** A place in the picture in pixels of a picture of 224, from its upper left corner. */
export type Spot = { readonly x: number; readonly y: number; readonly radius: number };

/** How large a picture is drawn, and how much of the scene it shows. */
export type SceneView = {
  /** Side of the square picture in pixels. */
  readonly rho: number;
  /** Share of the scene's side that the picture shows, around its middle: 1 shows all of it. */
  readonly crop: number;
  /** How the scene is seen; as it is, and all of it, unless said. */
  readonly view?: View;
};

/** Frames a second that the belt's speed is made for: a product is in view for about 4 s. */
export const inspectionLineRate = 10;

/** Frames from one product to the next; of them this many last ones hurry. */
const period = 40;
const hurried = 3;
/** While it creeps, a product goes from this many sensor pixels right of the middle to as many left of it, one a frame. */
const creep = 18;
/** Share of the places on the belt that have no product. */
const emptyShare = 1 / 8;

/** One picture of the line `seed`: which two places of the belt it sees, and how far into the first it starts. */
type Moment = { readonly seed: number; readonly index: number; readonly first: number; readonly shift: number };

/** What frame `index` (from 0) of the line `seed` shows. */
export function inspectionLineTruth(seed: number, index: number): InspectionLineTruth {
  return truthOf(momentOf(seed, index));
}

/**
 * Draws frame `index` (from 0) of the line `seed`.
 * @param target rho × rho × 3 bytes, RGB, overwritten
 */
export function drawInspectionLine(seed: number, index: number, view: SceneView, target: Uint8Array): void {
  drawMoment(momentOf(seed, index), view, target);
}

/** What sample `index` (from 0) of the set `seed` shows: samples take turns through the classes, each from a line of its own. */
export function inspectionSampleTruth(seed: number, index: number): InspectionLineTruth {
  return truthOf(sampleMoment(seed, index), sampleLabel(index));
}

/** Draws sample `index` (from 0) of the set `seed`: frames that have nothing in common, to train on and to evaluate with. */
export function drawInspectionSample(seed: number, index: number, view: SceneView, target: Uint8Array): void {
  drawMoment(sampleMoment(seed, index), view, target, sampleLabel(index));
}

function sampleLabel(index: number): InspectionLineLabel {
  return inspectionLineLabels[index % inspectionLineLabels.length] as InspectionLineLabel;
}

/** Any frame of a line that no other sample uses; every third one of the empty belt is taken while the belt hurries. */
function sampleMoment(seed: number, index: number): Moment {
  const own = hash(seed, index);
  const draw = draws(own, -3);
  const hurries = sampleLabel(index) === 'empty belt' && draw.next() < 1 / 3;
  const phase = hurries ? period - 1 - Math.floor(draw.next() * hurried) : Math.floor(draw.next() * (period - hurried));
  return momentOf(own, Math.floor(draw.next() * 1000) * period + phase);
}

function momentOf(seed: number, index: number): Moment {
  const place = Math.floor(index / period);
  const phase = index % period;
  const crept = period - hurried - 1;
  const moved = phase <= crept ? phase : crept + Math.round(((sensorSide - crept) * (phase - crept)) / (hurried + 1));
  // The middle of a place is the middle of its canvas: at `creep` moved pixels it is the middle of the picture.
  const shift = moved - creep;
  return shift < 0 ? { seed, index, first: place - 1, shift: shift + sensorSide } : { seed, index, first: place, shift };
}

function truthOf({ seed, first, shift }: Moment, forced?: InspectionLineLabel): InspectionLineTruth {
  const nearest = shift * 2 < sensorSide ? first : first + 1;
  const away = nearest === first ? -shift : sensorSide - shift;
  const whole = Math.abs(away) <= creep;
  const product = whole ? productAt(seed, nearest, forced) : undefined;
  const label = product?.defect.condition ?? 'empty belt';
  const spot = (at: Area): Spot => spotOf((product as Product).pose, at, away);
  return {
    label,
    class: inspectionLineLabels.indexOf(label),
    offset: away / sensorSide,
    defectSize: product?.defect.size ?? 0,
    defectScale: product?.defect.scale ?? 1,
    decisive: product && spot(decisiveArea(product)),
    mark: product === undefined || label === 'label missing' ? undefined : spot(markArea(product)),
  };
}

function spotOf(pose: Pose, { u, v, reach }: Area, away: number): Spot {
  return { x: pose.x + pose.cos * u - pose.sin * v + away, y: pose.y + (pose.sin * u + pose.cos * v) * pose.squash, radius: reach };
}

/** @returns the product at this place of the belt; undefined where it is left free */
function productAt(seed: number, place: number, forced?: InspectionLineLabel): Product | undefined {
  const draw = draws(seed, place);
  const free = draw.next() < emptyShare;
  const drawn = draw.pick(conditions);
  if (forced === 'empty belt' || (free && forced === undefined)) return undefined;
  const condition: Condition = forced ?? drawn;
  return drawProduct(draw, condition, sensorSide / 2, sensorSide / 2);
}

const sensor = new Uint8ClampedArray(sensorSide * sensorSide * 3);

function drawMoment(moment: Moment, { rho, crop, view = {} }: SceneView, target: Uint8Array, forced?: InspectionLineLabel): void {
  const { seed, first, shift } = moment;
  // What a sample forces is the condition of the product in view; the belt beyond is as it comes.
  const forFirst = shift <= creep ? forced : undefined;
  const forSecond = sensorSide - shift <= creep ? forced : undefined;
  const one = placeCanvas(seed, first, forFirst);
  expose([one, shift === 0 ? one : placeCanvas(seed, first + 1, forSecond)], shift, exposureOf(moment), sensor);
  average(sensor, rho, crop, view, target);
}

/** Canvases of places, the last used last; a line needs two at a time. */
const canvases = new Map<string, Canvas>();
const canvasesKept = 8;

function placeCanvas(seed: number, place: number, forced?: InspectionLineLabel): Canvas {
  const key = `${seed} ${place} ${forced ?? ''}`;
  const known = canvases.get(key);
  if (known !== undefined) {
    canvases.delete(key);
    canvases.set(key, known);
    return known;
  }
  const oldest = canvases.size >= canvasesKept ? (canvases.keys().next().value as string) : undefined;
  const canvas = (oldest === undefined ? undefined : canvases.get(oldest)) ?? newCanvas(sensorSide, sensorSide);
  if (oldest !== undefined) canvases.delete(oldest);
  paintPlace(canvas, seed, place, forced);
  canvases.set(key, canvas);
  return canvas;
}

function paintPlace(canvas: Canvas, seed: number, place: number, forced?: InspectionLineLabel): void {
  const belt: Belt = drawBelt(seed);
  paintBelt(canvas, belt, place * sensorSide);
  const product = productAt(seed, place, forced);
  if (product !== undefined) paintProduct(canvas, product, lightOf(seed));
  blur(canvas, product?.defocus ?? 0.4, product?.motion ?? 1.5);
}

function lightOf(seed: number): Light {
  const angle = draws(seed, -4).between(0, 2 * Math.PI);
  return { x: Math.cos(angle), y: Math.sin(angle) };
}

/** A line's lamp keeps its colour; its strength swings slowly, and the noise is new in every frame. */
function exposureOf({ seed, index }: Moment): Exposure {
  const draw = draws(seed, -5);
  const strength = draw.between(0.8, 1.15) * (1 + 0.05 * Math.sin(index * 0.11 + draw.between(0, 6)));
  return {
    gain: [strength * draw.between(0.92, 1.08), strength, strength * draw.between(0.92, 1.08)],
    slopeX: draw.between(-0.15, 0.15),
    slopeY: draw.between(-0.15, 0.15),
    noise: draw.between(1, 3),
    seed: hash(seed, index),
  };
}
