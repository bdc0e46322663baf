/** @file Damaged and foreign files: the import ends in one of its errors or in a file that runs; it never crashes and never hangs. */

import { type AlpharhoError, isAlpharhoError } from '@alpharho/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createClassifier, importTflite } from '../src/index.ts';
import { writeTflite } from './support/tflite-writer.ts';
import { type NumberFormat, testFrame, tinyModel, tinyRho } from './support/tiny-models.ts';
import { writeZip } from './support/zip-writer.ts';

const expectedCodes = ['model_corrupt', 'model_not_variant', 'model_unsupported_operator'];

/** The file that comes out, or undefined where the import refused it as it should. */
function attempt(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return importTflite(bytes).file;
  } catch (error) {
    if (!isAlpharhoError(error) || !expectedCodes.includes(error.code)) throw error;
    expect(error.message).toMatch(/^\S[^\n]{10,600}$/);
    return undefined;
  }
}

const formats: NumberFormat[] = ['uint8', 'int8', 'float32'];
const labelled = (format: NumberFormat) => {
  const model = writeTflite(tinyModel(format));
  return Buffer.concat([model, writeZip([{ name: 'labels.txt', text: 'a\nb\nc\nd\ne', deflated: true }])]);
};

describe('a damaged TFLite file', () => {
  it.each(formats)('cut short anywhere is found out (%s)', (format) => {
    const bytes = writeTflite(tinyModel(format));
    for (let length = 0; length < bytes.length; length += length < 2000 ? 1 : 37) {
      expect(() => importTflite(bytes.subarray(0, length)), `first ${length} bytes`).toThrow(
        expect.objectContaining<Partial<AlpharhoError>>({ code: 'model_corrupt' }),
      );
    }
  });

  it('that lost its beginning is found out', () => {
    const bytes = writeTflite(tinyModel('uint8'));
    for (const lost of [1, 2, 4, 8, 100]) expect(attempt(bytes.subarray(lost))).toBeUndefined();
  });

  it('of random bytes is found out, with or without the right identifier', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4000 }), fc.boolean(), (bytes, disguised) => {
        if (disguised && bytes.length >= 8) bytes.set(Buffer.from('TFL3'), 4);
        expect(attempt(bytes)).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it.each(formats)('with flipped bits is refused or converted, never more (%s)', (format) => {
    const bytes = labelled(format);
    const flips = fc.array(fc.nat(bytes.length * 8 - 1), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(flips, (bits) => {
        const damaged = Uint8Array.from(bytes);
        for (const bit of bits) damaged[bit >> 3]! ^= 1 << (bit & 7);
        attempt(damaged);
      }),
      { numRuns: 700 },
    );
  });

  it.each(formats)('with a wrong byte that still converts runs, or is refused as it warms up (%s)', async (format) => {
    const bytes = writeTflite(tinyModel(format));
    const frame = testFrame(tinyRho);
    let ran = 0;
    // Every byte of the tables at the file's start counts; the weights behind them are numbers like any other.
    for (let at = 8; at < bytes.length; at += 101) {
      for (const value of [0x00, 0x7f, 0xff]) {
        const damaged = Uint8Array.from(bytes);
        damaged[at] = value;
        const file = attempt(damaged);
        if (!file) continue;
        try {
          const classifier = await createClassifier(file);
          await classifier.classify(frame.subarray(0, classifier.variant.rho ** 2 * 3));
          await classifier.close();
          ran++;
        } catch (error) {
          if (!isAlpharhoError(error, 'warmup_failed')) throw error;
        }
      }
    }
    expect(ran).toBeGreaterThan(10);
  });
});

describe('a file that wants too much', () => {
  it('is refused before any work is done', () => {
    const bytes = Buffer.from(writeTflite(tinyModel('uint8')));
    // Every 32-bit number of the file in turn claims to be huge: lengths, counts and offsets among them.
    const began = process.cpuUsage().user;
    for (let at = 0; at + 4 <= bytes.length; at += 4) {
      const claimed = Buffer.from(bytes);
      claimed.writeUInt32LE(0x7fff_fff0, at);
      attempt(claimed);
    }
    expect((process.cpuUsage().user - began) / 1e6).toBeLessThan(60);
  });
});
