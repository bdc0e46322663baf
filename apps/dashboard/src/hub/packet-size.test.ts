import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PacketSizes } from './packet-size.ts';

/** A packet of `body` bytes, as on the wire. */
function packet(body: number): Uint8Array {
  const head = [0x30];
  let rest = body;
  do {
    head.push((rest % 128) + (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Uint8Array.from([...head, ...new Array<number>(body).fill(0xff)]);
}

function cut(bytes: Uint8Array, sizes: number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (let index = 0; at < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

const bodies = fc.array(fc.oneof(fc.integer({ min: 0, max: 400 }), fc.constantFrom(127, 128, 129, 16_383, 16_384)), {
  minLength: 1,
  maxLength: 8,
});
const sizes = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 10 });

describe('PacketSizes', () => {
  it('admits packets up to the limit however they are cut, and refuses the first above it', () => {
    fc.assert(
      fc.property(bodies, sizes, (lengths, cuts) => {
        const bytes = Uint8Array.from(lengths.flatMap((length) => [...packet(length)]));
        const longest = Math.max(...lengths);
        const all = (limit: number) => {
          const guard = new PacketSizes(limit);
          return cut(bytes, cuts).every((chunk) => guard.admits(chunk));
        };
        expect(all(longest)).toBe(true);
        if (longest > 0) expect(all(longest - 1)).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  it('refuses as soon as the length is known, and a length that never ends', () => {
    expect(new PacketSizes(1000).admits(packet(1001).subarray(0, 3))).toBe(false);
    expect(new PacketSizes(1000).admits(Uint8Array.from([0x30, 0x80, 0x80, 0x80, 0x80]))).toBe(false);
  });
});
