/** @file Photographs become what variants want: upright, cropped, RGB. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage, type View } from '../src/index.ts';

type Colour = [number, number, number];

const red: Colour = [220, 30, 20];
const blue: Colour = [10, 40, 200];

/** Rows of raw RGB as a picture in one of sharp's formats. */
function picture(width: number, height: number, colour: (x: number, y: number) => Colour) {
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) pixels.set(colour(x, y), (y * width + x) * 3);
  return { raw: pixels, image: () => sharp(pixels, { raw: { width, height, channels: 3 } }) };
}

const at = (pixels: Uint8Array, rho: number, x: number, y: number) => [...pixels.subarray((y * rho + x) * 3, (y * rho + x) * 3 + 3)];

function expectNear(found: number[], wanted: number[], tolerance = 4): void {
  for (const [channel, value] of wanted.entries())
    expect(Math.abs(found[channel]! - value), `channel ${channel} of ${found}`).toBeLessThanOrEqual(tolerance);
}

/** An uncompressed BMP. @param bits 8 (with a grey palette), 24 or 32 */
function bmp(width: number, height: number, bits: 8 | 24 | 32, colour: (x: number, y: number) => Colour, fromTop = false): Buffer {
  const stride = Math.ceil((width * bits) / 32) * 4;
  const start = 54 + (bits === 8 ? 1024 : 0);
  const file = Buffer.alloc(start + stride * height);
  file.write('BM');
  file.writeUInt32LE(start, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(width, 18);
  file.writeInt32LE(fromTop ? -height : height, 22);
  file.writeUInt16LE(bits, 28);
  if (bits === 8) for (let grey = 0; grey < 256; grey++) file.fill(grey, 54 + 4 * grey, 57 + 4 * grey);
  for (let y = 0; y < height; y++) {
    const line = start + stride * (fromTop ? y : height - 1 - y);
    for (let x = 0; x < width; x++) {
      const [r, g, b] = colour(x, y);
      file.set(bits === 8 ? [r] : [b, g, r], line + (x * bits) / 8);
    }
  }
  return file;
}

describe('decodeImage', () => {
  it('keeps the middle 87.5 % of each side', async () => {
    // A border of exactly a sixteenth on every side.
    const { image } = picture(320, 160, (x, y) => (x < 20 || x >= 300 || y < 10 || y >= 150 ? red : blue));
    const png = await image().png().toBuffer();
    const cropped = await decodeImage(png, { rho: 64 });
    expect(cropped).toHaveLength(64 * 64 * 3);
    for (const [x, y] of [
      [0, 0],
      [63, 0],
      [0, 63],
      [63, 63],
      [32, 32],
    ] as const)
      expectNear(at(cropped, 64, x, y), blue, 0);
    expectNear(at(await decodeImage(png, { rho: 64, crop: 1 }), 64, 0, 0), red, 0);
  });

  it('turns a photograph upright by its EXIF tag', async () => {
    const { image } = picture(200, 100, (x) => (x < 100 ? red : blue));
    // Taken with the camera on its side: stored rotated, with the tag that says so.
    const turned = await image().rotate(-90).withMetadata({ orientation: 6 }).jpeg({ quality: 100 }).toBuffer();
    expect(await sharp(turned).metadata()).toMatchObject({ width: 100, height: 200 });
    const pixels = await decodeImage(turned, { rho: 32 });
    expectNear(at(pixels, 32, 4, 16), red);
    expectNear(at(pixels, 32, 28, 16), blue);
  });

  // Grey and CMYK hold other colours than RGB does, so they get a grey picture, and CMYK some room.
  it.each<[string, Colour, number, (source: Sharp) => Sharp]>([
    ['grey JPEG', [128, 128, 128], 2, (source) => source.greyscale().jpeg()],
    ['CMYK JPEG', [128, 128, 128], 20, (source) => source.toColourspace('cmyk').jpeg({ quality: 100 })],
    ['16-bit PNG', red, 1, (source) => source.toColourspace('rgb16').png()],
    ['PNG with palette', red, 2, (source) => source.png({ palette: true })],
    ['WebP', red, 0, (source) => source.webp({ lossless: true })],
    ['GIF', red, 8, (source) => source.gif()],
    ['TIFF', red, 4, (source) => source.tiff()],
  ])('reads a %s as RGB', async (_, colour, tolerance, encode) => {
    const source = picture(64, 64, () => colour).image();
    const pixels = await decodeImage(await encode(source).toBuffer(), { rho: 32 });
    expect(pixels).toHaveLength(32 * 32 * 3);
    expectNear(at(pixels, 32, 16, 16), colour, tolerance);
  });

  it('puts what is transparent on black', async () => {
    const half = await picture(64, 64, () => [200, 100, 50])
      .image()
      .ensureAlpha(0.5)
      .png()
      .toBuffer();
    expectNear(at(await decodeImage(half, { rho: 32 }), 32, 16, 16), [100, 50, 25]);
  });

  it.each([8, 24, 32] as const)('reads a BMP of %i bits like any other picture', async (bits) => {
    const colour = (x: number, y: number): Colour => (bits === 8 ? [x * 5, x * 5, x * 5] : [x * 5, y * 5, 40]);
    const { image } = picture(50, 30, colour);
    const expected = await decodeImage(await image().png().toBuffer(), { rho: 24 });
    expect(await decodeImage(bmp(50, 30, bits, colour), { rho: 24 })).toEqual(expected);
    expect(await decodeImage(bmp(50, 30, bits, colour, true), { rho: 24 })).toEqual(expected);
  });

  describe('sees a picture', () => {
    // Four colours, one a quarter: red blue over green white.
    const [green, white]: [Colour, Colour] = [
      [20, 200, 40],
      [240, 240, 240],
    ];
    const quarters = picture(1200, 900, (x, y) => (y < 450 ? (x < 600 ? red : blue) : x < 600 ? green : white)).image;
    const corners = async (view: View, more: { draft?: boolean; exif?: number } = {}): Promise<string> => {
      const jpeg = await quarters()
        .withMetadata({ orientation: more.exif ?? 1 })
        .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
        .toBuffer();
      const pixels = await decodeImage(jpeg, { rho: 64, view, draft: more.draft ?? false });
      return [
        [8, 8],
        [56, 8],
        [8, 56],
        [56, 56],
      ]
        .map(([x, y]) => nameOf(at(pixels, 64, x as number, y as number)))
        .join(' ');
    };
    const nameOf = ([r = 0, g = 0, b = 0]: number[]) =>
      r > 200 ? (b > 200 ? 'white' : 'red') : g > 150 ? 'green' : b > 150 ? 'blue' : '?';

    it.each<[string, View, string]>([
      ['as it is', {}, 'red blue green white'],
      ['turned a quarter clockwise', { rotate: 90 }, 'green red white blue'],
      ['upside down', { rotate: 180 }, 'white green blue red'],
      ['turned a quarter back', { rotate: 270 }, 'blue white red green'],
      ['mirrored', { mirror: true }, 'blue red white green'],
      ['turned, then mirrored', { rotate: 90, mirror: true }, 'red green blue white'],
      ['upside down and mirrored', { rotate: 180, mirror: true }, 'green white red blue'],
      ['in its left half alone', { roi: { x: 0, y: 0, width: 0.5, height: 1 } }, 'red red green green'],
      ['in the upper half of what is upright then', { rotate: 90, roi: { x: 0, y: 0, width: 1, height: 0.5 } }, 'green red green red'],
      ['in a corner', { roi: { x: 0.6, y: 0.6, width: 0.3, height: 0.3 } }, 'white white white white'],
    ])('%s, exactly and as a draft', async (_, view, wanted) => {
      expect(await corners(view)).toBe(wanted);
      expect(await corners(view, { draft: true })).toBe(wanted);
    });

    it.each([1, 2, 3, 4, 5, 6, 7, 8])('upright by EXIF tag %i before it is turned by the view', async (exif) => {
      const view: View = { rotate: 90, roi: { x: 0.25, y: 0, width: 0.5, height: 1 } };
      expect(await corners(view, { exif, draft: true })).toBe(await corners(view, { exif }));
    });
  });

  it.each([
    [1280, 720],
    [1921, 1083],
    [900, 2000],
  ] as const)('drafts of %i × %i show the same box as exact decodes', async (width, height) => {
    // Slow waves: any shift of the box is a difference of the pixels, and there is nothing that a coarser decode would lose.
    const wave = (value: number, size: number): number => Math.round(127 + 100 * Math.sin((value / size) * 6 * Math.PI));
    const jpeg = await picture(width, height, (x, y) => [wave(x, width), wave(y, height), 90])
      .image()
      .jpeg({ quality: 95 })
      .toBuffer();
    for (const rho of [48, 96, 128, 160, 192, 224]) {
      for (const view of [{}, { roi: { x: 0.13, y: 0.07, width: 0.71, height: 0.83 } }] satisfies View[]) {
        const [exact, draft] = await Promise.all([decodeImage(jpeg, { rho, view }), decodeImage(jpeg, { rho, view, draft: true })]);
        const difference = exact.reduce((sum, value, index) => sum + Math.abs(value - (draft[index] as number)), 0) / exact.length;
        // Half a pixel of 48 shifts these waves by 6 of 255 on average.
        expect(difference).toBeLessThan((1.5 * 128) / rho);
      }
    }
  });

  it('drafts of small and of other pictures are exact', async () => {
    const { image } = picture(300, 200, (x, y) => [x % 256, y, 70]);
    for (const bytes of [await image().jpeg().toBuffer(), await image().resize(1200, 800).png().toBuffer()])
      expect(await decodeImage(bytes, { rho: 96, draft: true })).toEqual(await decodeImage(bytes, { rho: 96 }));
  });

  it('reads a file by its path, and names it when that fails', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'decode-image-'));
    const path = join(folder, 'picture.jpg');
    const jpeg = await picture(40, 40, () => red)
      .image()
      .jpeg()
      .toBuffer();
    await writeFile(path, jpeg);
    expect(await decodeImage(path, { rho: 32 })).toEqual(await decodeImage(jpeg, { rho: 32 }));
    await writeFile(path, jpeg.subarray(0, 200));
    await expect(decodeImage(path, { rho: 32 })).rejects.toThrow(
      expect.objectContaining({ code: 'image_unreadable', message: expect.stringContaining(path) }),
    );
    await rm(folder, { recursive: true });
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('not a picture at all')],
    ['a BMP cut short', bmp(50, 30, 24, () => red).subarray(0, 2000)],
    ['a BMP header alone', bmp(50, 30, 24, () => red).subarray(0, 20)],
    ['a folder', tmpdir()],
  ])('refuses %s in one line', async (_, input) => {
    await expect(decodeImage(input, { rho: 32 })).rejects.toThrow(
      expect.objectContaining({ code: 'image_unreadable', message: expect.stringMatching(/^[^\n]+$/) }),
    );
  });

  it.each(['/dev/zero', '/dev/null'])('refuses %s at once, which says nothing of its length', async (device) => {
    await expect(decodeImage(device, { rho: 32 })).rejects.toMatchObject({
      code: 'image_unreadable',
      message: `${device}: not a regular file`,
    });
  });
});
