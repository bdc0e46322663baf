/** @file A photograph (JPEG, PNG, WebP, GIF, TIFF, BMP) as the pixels a variant wants. */
import { readFile, stat } from 'node:fs/promises';
import { AlpharhoError } from '@alpharho/protocol';
import type { Sharp } from 'sharp';
import { decodeBmp, isBmp } from './bmp.ts';
import { evaluationCrop } from './crop.ts';
import { type ShrunkWhole, shrunkWhole } from './draft.ts';
import { isTurnedSideways, type View, viewBox, viewSpans } from './view.ts';

/** 100 megapixels: above any camera's still, and 300 MB once decoded. */
const largestImage = 100_000_000;
const largestFile = 200_000_000;

/** What {@link decodeImage} makes of a photograph. */
export type DecodeOptions = {
  /** Side of the square result in pixels. */
  rho: number;
  /** Share of each side that the central crop keeps, 0 < crop ≤ 1; 0.875 unless said: the authors' evaluation. */
  crop?: number;
  /** How the picture is seen; as it is, and all of it, unless said. */
  view?: View;
  /**
   * Large JPEGs are decoded at a half, a quarter or an eighth of their size, in about half the time: for cameras. The box that is shown
   * is right to half a pixel of the result, and the pixels differ by 1 to 2 of 255 from the exact ones on average.
   */
  draft?: boolean;
};

/**
 * Decodes a photograph with the preprocessing of the authors' evaluation: sRGB, upright by its EXIF tag, central crop, bilinear resize
 * (libvips' linear kernel on the whole decode, no shrink on load: of all resamplings tried the nearest to the reference accuracies).
 * Decoding runs in libvips' threads: the calling one stays free.
 * @param input a path, or the file's bytes, which must not change until the promise is settled
 * @returns RGB, rho × rho × 3 bytes
 * @throws AlpharhoError image_unreadable
 */
export async function decodeImage(
  input: string | Uint8Array,
  { rho, crop = evaluationCrop, view = {}, draft = false }: DecodeOptions,
): Promise<Uint8Array> {
  try {
    const image = await open(input);
    const { autoOrient, format } = await image.metadata();
    const { width, height } = isTurnedSideways(view) ? { width: autoOrient.height, height: autoOrient.width } : autoOrient;
    const whole = draft && format === 'jpeg' ? shrunkWhole(width, height, rho, viewSpans(crop, view)) : undefined;
    const seen =
      whole === undefined
        ? upright(image, view)
            .extract(viewBox(width, height, crop, view))
            .resize(rho, rho, exactly)
        : upright(shrink(image, whole, view), view).extract({ ...whole.at, width: rho, height: rho });
    return await seen.flatten().toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer();
  } catch (cause) {
    const what = typeof input === 'string' ? input : `picture of ${input.length} bytes`;
    const reason = cause instanceof Error ? cause.message.replace(/\s+/g, ' ').slice(0, 200) : String(cause);
    throw new AlpharhoError('image_unreadable', `${what}: ${reason}`, { cause });
  }
}

const exactly = { fit: 'fill', kernel: 'linear', fastShrinkOnLoad: false } as const;
const quickly = { fit: 'fill', kernel: 'linear', fastShrinkOnLoad: true } as const;

/** Before it is turned: sharp minds the EXIF tag's turns itself, and not the view's. */
function shrink(image: Sharp, { width, height }: ShrunkWhole, view: View): Sharp {
  return isTurnedSideways(view) ? image.resize(height, width, quickly) : image.resize(width, height, quickly);
}

function upright(image: Sharp, { rotate, mirror }: View): Sharp {
  const oriented = image.autoOrient();
  const sideways = isTurnedSideways({ rotate });
  // sharp mirrors before it turns, whatever the order of the calls; then a turned picture's left and right are its top and bottom.
  return (rotate ? oriented.rotate(rotate) : oriented).flop(mirror === true && !sideways).flip(mirror === true && sideways);
}

async function open(input: string | Uint8Array): Promise<Sharp> {
  const bytes = typeof input === 'string' ? await read(input) : input;
  checkLength(bytes.length);
  // Loaded at the first picture: libvips takes time and memory, and a device that watches a video needs none of it.
  const { default: sharp } = await import('sharp');
  // No picture comes twice.
  sharp.cache(false);
  if (!isBmp(bytes)) return sharp(bytes, { limitInputPixels: largestImage });
  const { pixels, width, height } = decodeBmp(bytes);
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

async function read(path: string): Promise<Buffer> {
  const found = await stat(path);
  // Devices and pipes say nothing of their length: one that never ends would fill the memory.
  if (!found.isFile() && !found.isDirectory()) throw new Error('not a regular file');
  checkLength(found.size);
  return await readFile(path);
}

function checkLength(bytes: number): void {
  if (bytes > largestFile) throw new Error(`${bytes} bytes are more than any photograph has`);
}
