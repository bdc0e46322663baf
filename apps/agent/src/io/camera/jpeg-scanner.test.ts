import fc from 'fast-check';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { JpegScanner } from './jpeg-scanner.ts';

let pictures: Buffer[] = [];

beforeAll(async () => {
  const noise = (seed: number) => Buffer.from(Array.from({ length: 64 * 48 * 3 }, (_, at) => (at * 7 + seed * at * at) % 256));
  const encode = (seed: number, options: object) =>
    sharp(noise(seed), { raw: { width: 64, height: 48, channels: 3 } })
      .jpeg(options)
      .toBuffer();
  const thumbnail = await encode(4, { quality: 30 });
  const plain = await encode(1, { quality: 80 });
  pictures = [
    plain,
    await encode(2, { quality: 95, progressive: true }),
    // A picture in the picture, as cameras put into EXIF: its end is not the end.
    Buffer.concat([plain.subarray(0, 2), segment(0xe1, thumbnail), plain.subarray(2)]),
  ];
});

const segment = (marker: number, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 0xff]), body]);

/** Short, so that a difference can be read. */
const name = (jpeg: Buffer): string => `${jpeg.length} bytes, ${jpeg.reduce((sum, value) => (sum * 31 + value) % 1_000_003, 0)}`;

/** Pushes `bytes` cut at `cuts`. */
function scan(bytes: Buffer, cuts: readonly number[] = [], limits: { maxBytes?: number; maxGap?: number } = {}) {
  const seen = { pictures: [] as string[], broken: 0 };
  const scanner = new JpegScanner({
    maxBytes: limits.maxBytes ?? 1e6,
    maxGap: limits.maxGap ?? 1e6,
    picture: (jpeg) => {
      seen.pictures.push(name(jpeg));
      // The same memory again: what was not copied out would show.
      return Buffer.from(jpeg.buffer).fill(0xff);
    },
    broken: () => {
      seen.broken += 1;
    },
  });
  const sorted = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  for (let index = 1; index < sorted.length; index += 1) scanner.push(bytes.subarray(sorted[index - 1], sorted[index]));
  scanner.end();
  return seen;
}

const parts = (boundary: string, more = ''): Buffer =>
  Buffer.concat(
    pictures.map((jpeg) =>
      Buffer.concat([
        Buffer.from(`${boundary}\r\nContent-Type: image/jpeg\r\n${more.replace('LENGTH', String(jpeg.length))}\r\n`),
        jpeg,
        Buffer.from('\r\n'),
      ]),
    ),
  );

describe('a stream of JPEGs', () => {
  it.each<[string, () => Buffer]>([
    ['multipart with lengths', () => parts('--frame', 'Content-Length: LENGTH\r\n')],
    ['multipart without lengths', () => parts('--frame')],
    ['multipart whose boundary has no dashes', () => parts('frame')],
    ['multipart with wrong lengths', () => parts('--frame', 'Content-Length: 12\r\n')],
    ['one JPEG after the other', () => Buffer.concat(pictures)],
    [
      'JPEGs with other parts between them',
      () => Buffer.concat([parts('--b'), Buffer.from('--b\r\nContent-Type: text/plain\r\n\r\nhello'), parts('--b')]),
    ],
  ])('%s is cut into its pictures, whatever the chunks', (_, make) => {
    const bytes = make();
    const whole = scan(bytes);
    expect(whole.broken).toBe(0);
    expect(whole.pictures.slice(0, 3)).toEqual(pictures.map(name));
    expect(
      scan(
        bytes,
        Array.from({ length: bytes.length }, (_, at) => at),
      ),
    ).toEqual(whole);
    fc.assert(fc.property(fc.array(fc.nat(bytes.length), { maxLength: 40 }), (cuts) => void expect(scan(bytes, cuts)).toEqual(whole)));
  });

  it('gives a picture with its last byte, and does not wait for the boundary behind it', () => {
    const [jpeg] = pictures as [Buffer];
    const seen = scan(Buffer.concat([Buffer.from('--b\r\n\r\n'), jpeg]));
    expect(seen).toEqual({ pictures: [name(jpeg)], broken: 0 });
  });

  it('passes over a picture that was cut short, counts it, and finds the next one', () => {
    const [first, second] = pictures as [Buffer, Buffer];
    fc.assert(
      fc.property(fc.integer({ min: 700, max: first.length - 1 }), fc.array(fc.nat(10_000), { maxLength: 10 }), (length, cuts) => {
        const seen = scan(Buffer.concat([first.subarray(0, length), Buffer.from('\r\n--b\r\n\r\n'), second, first]), cuts);
        expect(seen).toEqual({ pictures: [name(second), name(first)], broken: 1 });
      }),
    );
    expect(scan(first.subarray(0, 900))).toEqual({ pictures: [], broken: 1 });
  });

  it('comes back from any damage within the pictures that follow', () => {
    const bytes = parts('--frame');
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 30 }), (damage) => {
        const damaged = Buffer.from(bytes);
        for (const [at, value] of damage) damaged[at] = value;
        // A false length in a header hides 65 535 bytes at most.
        const seen = scan(Buffer.concat([damaged, Buffer.alloc(65_536), ...pictures, ...pictures]));
        expect(seen.pictures.slice(-3)).toEqual(pictures.map(name));
      }),
      { numRuns: 300 },
    );
  });

  it('that is none, or never ends, is told in words', () => {
    expect(() => scan(Buffer.alloc(5000, 'text '), [100, 1100], { maxGap: 1000 })).toThrow(
      /no JPEG begins within 1\d{3} bytes; a stream of JPEGs/,
    );
    const endless = Buffer.concat([(pictures[0] as Buffer).subarray(0, 900), Buffer.alloc(50_000, 1)]);
    expect(() => scan(endless, [5000, 10_000, 20_000, 30_000], { maxBytes: 20_000 })).toThrow('a picture does not end within');
  });
});
