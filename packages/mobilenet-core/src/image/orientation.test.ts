import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { placement, sourceRegion } from './orientation.ts';
import type { View } from './view.ts';

const side = 8;
const views: View[] = [0, 90, 180, 270].flatMap((rotate) => [false, true].map((mirror) => ({ rotate: rotate as 90, mirror })));

/** Each pixel is its own number. */
const picture = Uint8Array.from({ length: side * side }, (_, at) => at);

describe('where a pixel goes', () => {
  it.each(views)('is where sharp turns and mirrors it to: %o', async (view) => {
    const grey = (pixels: Uint8Array) => sharp(pixels, { raw: { width: side, height: side, channels: 1 } }).toColourspace('b-w');
    const turned = await grey(picture).rotate(view.rotate).raw().toBuffer();
    const expected = view.mirror ? await grey(turned).flop().raw().toBuffer() : turned;
    const { origin, column, row } = placement(side, view);
    const moved = new Uint8Array(side * side);
    for (let y = 0; y < side; y += 1) for (let x = 0; x < side; x += 1) moved[origin + x * column + y * row] = y * side + x;
    expect([...moved]).toEqual([...expected]);
  });
});

describe("the region in the camera's own picture", () => {
  const roi = { x: 0.25, y: 0.5, width: 0.5, height: 0.25 };

  it.each(views)('holds the pixels that the upright region holds: %o', (view) => {
    const { origin, column, row } = placement(side, view);
    const region = sourceRegion(1, { ...view, roi });
    const inside = (at: number, from: number, length: number) => at >= from * side && at < (from + length) * side;
    const shown: number[] = [];
    for (let y = 0; y < side; y += 1)
      for (let x = 0; x < side; x += 1)
        if (inside(x, region.x, region.width) && inside(y, region.y, region.height)) shown.push(origin + x * column + y * row);
    const wanted: number[] = [];
    for (let y = 4; y < 6; y += 1) for (let x = 2; x < 6; x += 1) wanted.push(y * side + x);
    expect(shown.sort((a, b) => a - b)).toEqual(wanted);
  });

  it('is the central crop of the region where the variant has one', () => {
    expect(sourceRegion(0.5, {})).toEqual({ x: 0.25, y: 0.25, width: 0.5, height: 0.5 });
    expect(sourceRegion(0.5, { roi })).toEqual({ x: 0.375, y: 0.5625, width: 0.25, height: 0.125 });
  });
});
