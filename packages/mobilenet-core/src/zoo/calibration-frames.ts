/** @file Small invented scenes on which random weights are calibrated: soft backgrounds with bright and dark shapes, as cameras see. */
import { type Batch, emptyBatch } from './forward.ts';
import { type Uniform, uniform } from './prng.ts';

type Colour = [number, number, number];

/**
 * Frames of ρ×ρ RGB, normalised to [-1, 1]. The same seed gives the same scenes at every resolution.
 * @param frames how many scenes
 */
export function calibrationFrames(seed: number, frames: number, rho: number): Batch {
  const batch = emptyBatch(frames, rho, 3);
  for (let frame = 0; frame < frames; frame++) paintScene(uniform(seed, frame + 1), batch, frame);
  return batch;
}

/** A gradient between two colours, and four to ten discs and boxes upon it. */
function paintScene(random: Uniform, batch: Batch, frame: number): void {
  const from = colour(random);
  const to = colour(random);
  const tilt = random();
  const { size } = batch;
  fill(batch, frame, 0, 0, size, size, (x, y) => {
    const t = (tilt * x + (1 - tilt) * y) / size;
    return [mix(from[0], to[0], t), mix(from[1], to[1], t), mix(from[2], to[2], t)];
  });
  const shapes = 4 + Math.floor(random() * 7);
  for (let i = 0; i < shapes; i++) paintShape(random, batch, frame);
}

function paintShape(random: Uniform, batch: Batch, frame: number): void {
  const { size } = batch;
  const paint = colour(random);
  const [x, y] = [random() * size, random() * size];
  const [halfWidth, halfHeight] = [(0.04 + 0.2 * random()) * size, (0.04 + 0.2 * random()) * size];
  const round = random() < 0.5;
  fill(batch, frame, x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight, (px, py) => {
    const [across, down] = [(px - x) / halfWidth, (py - y) / halfHeight];
    return round && across * across + down * down > 1 ? undefined : paint;
  });
}

function fill(
  batch: Batch,
  frame: number,
  left: number,
  top: number,
  right: number,
  bottom: number,
  paint: (x: number, y: number) => Colour | undefined,
): void {
  const { size, data } = batch;
  for (let y = Math.max(0, Math.floor(top)); y < Math.min(size, bottom); y++) {
    for (let x = Math.max(0, Math.floor(left)); x < Math.min(size, right); x++) {
      const value = paint(x, y);
      if (value !== undefined) data.set(value, ((frame * size + y) * size + x) * 3);
    }
  }
}

function colour(random: Uniform): Colour {
  return [random() * 2 - 1, random() * 2 - 1, random() * 2 - 1];
}

function mix(a: number, b: number, t: number): number {
  return a + (b - a) * t;
}
