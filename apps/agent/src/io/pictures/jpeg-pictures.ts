/** @file Small JPEGs of frames, made by libvips in its own threads. It is loaded with the first picture: most devices never make one. */
import type { WireImage } from '@alpharho/protocol';
import type { Sharp } from 'sharp';
import type { PictureOptions, Pictures } from '../../domain/ports.ts';

/** Tried in turn until the file is small enough. */
const qualities = [80, 60, 40, 20];

/** What blur leaves of a picture: this many areas a side. A letter or an eye is less than one of them unless it fills the picture. */
const blurredSide = 16;

export class JpegPictures implements Pictures {
  async encode(pixels: Uint8Array, { maxSide, maxChars, blur }: PictureOptions): Promise<WireImage | undefined> {
    const { default: sharp } = await import('sharp');
    const side = Math.round(Math.sqrt(pixels.byteLength / 3));
    const frame = (data: Uint8Array, width: number): Sharp => sharp(data, { raw: { width, height: width, channels: 3 } });
    const shown = Math.min(side, maxSide);
    const source = blur ? frame(await averaged(frame(pixels, side)), blurredSide) : frame(pixels, side);
    const small = await source.resize(shown, shown, { kernel: 'cubic', fit: 'fill' }).removeAlpha().raw().toBuffer();
    for (const quality of qualities) {
      const file = await frame(small, shown).jpeg({ quality }).toBuffer();
      const data = file.toString('base64');
      if (data.length <= maxChars) return { type: 'image/jpeg', width: shown, height: shown, data };
    }
    return undefined;
  }
}

/** Nothing finer is left to be sharpened again, other than after a Gaussian blur. */
function averaged(picture: Sharp): Promise<Buffer> {
  return picture.resize(blurredSide, blurredSide, { kernel: 'linear', fit: 'fill' }).removeAlpha().raw().toBuffer();
}
