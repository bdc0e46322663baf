/**
 * @file Uncompressed BMP (8-bit palette, 24 and 32 bits a pixel), which sharp does not read and some cameras still write.
 * Layout: BITMAPFILEHEADER and BITMAPINFOHEADER of the Windows API.
 */

export type RawImage = { pixels: Uint8Array; width: number; height: number };

const fileHeader = 14;
const shortestInfoHeader = 40;
/** Sides beyond this are damage, not pictures. */
const largestSide = 20_000;
const noCompression = 0;
/** Masks instead of compression; of the usual 32-bit files they say what is the default anyway. */
const bitFields = 3;

export function isBmp(bytes: Uint8Array): boolean {
  return bytes[0] === 0x42 && bytes[1] === 0x4d;
}

/** @returns RGB, width × height × 3 bytes, rows from the top. @throws Error in plain words */
export function decodeBmp(bytes: Uint8Array): RawImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < fileHeader + shortestInfoHeader) throw new Error('BMP header is cut short');
  const start = view.getUint32(10, true);
  const headerSize = view.getUint32(14, true);
  const width = view.getInt32(18, true);
  const signedHeight = view.getInt32(22, true);
  const height = Math.abs(signedHeight);
  const bits = view.getUint16(28, true);
  const compression = view.getUint32(30, true);
  if (width < 1 || height < 1 || width > largestSide || height > largestSide) throw new Error(`BMP claims ${width} × ${height} pixels`);
  const plain = compression === noCompression || (compression === bitFields && bits === 32);
  if (!plain || ![8, 24, 32].includes(bits))
    throw new Error(`BMP of ${bits} bits with compression ${compression} is not read; 8, 24 and 32 bits uncompressed are`);
  // Rows are padded to 4 bytes.
  const stride = Math.ceil((width * bits) / 32) * 4;
  if (start + stride * height > bytes.length) throw new Error('BMP pixels are cut short');
  const palette = bits === 8 ? readPalette(bytes, fileHeader + headerSize, start) : undefined;
  const pixels = new Uint8Array(width * height * 3);
  for (let row = 0, at = 0; row < height; row++) {
    // A positive height means that the bottom row comes first.
    const line = start + stride * (signedHeight > 0 ? height - 1 - row : row);
    for (let column = 0; column < width; column++, at += 3) {
      const from = palette ? palette.subarray(4 * bytes[line + column]!) : bytes.subarray(line + (column * bits) / 8);
      pixels[at] = from[2] ?? 0;
      pixels[at + 1] = from[1] ?? 0;
      pixels[at + 2] = from[0] ?? 0;
    }
  }
  return { pixels, width, height };
}

/** Blue, green, red, unused; for each of up to 256 colours. */
function readPalette(bytes: Uint8Array, from: number, to: number): Uint8Array {
  if (to <= from || from + 4 > bytes.length) throw new Error('BMP palette is missing');
  return bytes.subarray(from, Math.min(to, from + 1024));
}
