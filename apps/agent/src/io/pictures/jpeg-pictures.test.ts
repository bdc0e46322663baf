import { imageSchema } from '@alpharho/protocol';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { JpegPictures } from './jpeg-pictures.ts';

const pictures = new JpegPictures();
const usual = { maxSide: 1024, maxChars: 480_000, blur: false };

/** Black and white columns, each `width` pixels wide: what is left of them tells what can be made out. */
function stripes(side: number, width: number): Uint8Array {
  return Uint8Array.from({ length: side * side * 3 }, (_, index) => (Math.floor((Math.floor(index / 3) % side) / width) % 2) * 255);
}

/** Pixels of the most that JPEG can be asked: every one random. */
function noise(side: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length: side * side * 3 }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state >> 16;
  });
}

async function contrast(data: string): Promise<number> {
  const { channels } = await sharp(Buffer.from(data, 'base64')).stats();
  return channels[0]?.stdev ?? Number.NaN;
}

describe('pictures of frames', () => {
  it('are JPEGs as the wire wants them, no larger than asked, never enlarged', async () => {
    const small = await pictures.encode(stripes(64, 8), { ...usual, maxSide: 48 });
    expect(imageSchema(usual.maxChars).safeParse(small).success).toBe(true);
    expect(small).toMatchObject({ width: 48, height: 48 });
    expect(await pictures.encode(stripes(64, 8), usual)).toMatchObject({ width: 64, height: 64 });
  });

  it('say nothing of where and how they were made', async () => {
    const made = await pictures.encode(stripes(64, 8), usual);
    const { exif, icc, xmp, iptc } = await sharp(Buffer.from(made?.data ?? '', 'base64')).metadata();
    expect({ exif, icc, xmp, iptc }).toEqual({ exif: undefined, icc: undefined, xmp: undefined, iptc: undefined });
  });

  it('lose quality before they are too long, and are not made where that does not help', async () => {
    const pixels = noise(256);
    const [best, worse] = await Promise.all([480_000, 40_000].map((maxChars) => pictures.encode(pixels, { ...usual, maxChars })));
    expect(best?.data.length).toBeGreaterThan(40_000);
    expect(worse?.data.length).toBeLessThanOrEqual(40_000);
    expect(await pictures.encode(pixels, { ...usual, maxChars: 2000 })).toBeUndefined();
  });

  it('blurred: nothing finer than a sixteenth of the side is left, what is coarser stays', async () => {
    const blurred = async (width: number) => contrast((await pictures.encode(stripes(224, width), { ...usual, blur: true }))?.data ?? '');
    const sharpOnes = await contrast((await pictures.encode(stripes(224, 4), usual))?.data ?? '');
    expect(sharpOnes).toBeGreaterThan(100);
    expect(await blurred(4)).toBeLessThan(20);
    expect(await blurred(112)).toBeGreaterThan(80);
  });
});
