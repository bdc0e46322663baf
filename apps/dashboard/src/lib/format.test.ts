import { describe, expect, it } from 'vitest';
import {
  formatAge,
  formatBytes,
  formatCount,
  formatInteger,
  formatLarge,
  formatMs,
  formatOffset,
  formatRate,
  formatShare,
  plural,
} from './format.ts';

/** Tests compare with plain spaces; pages keep number and unit on one line. */
const plain = (text: string) => text.replaceAll('\u00A0', ' ');

describe('formatAge', () => {
  it.each([
    [-5_000, '0 s'],
    [0, '0 s'],
    [48_900, '48 s'],
    [60_000, '1 m'],
    [192_000, '3 m 12 s'],
    [22 * 60_000 + 59_000, '22 m'],
    [3_600_000, '1 h'],
    [192 * 60_000, '3 h 12 m'],
    [25 * 3_600_000, '1 d 1 h'],
    [6.4 * 86_400_000, '6 d'],
  ])('writes %d ms as %s', (ms, text) => expect(plain(formatAge(ms))).toBe(text));
});

describe('numbers', () => {
  it('puts a space before units and one decimal behind latencies', () => {
    expect(plain(formatMs(39.64))).toBe('39.6 ms');
    expect(plain(formatMs(0.482))).toBe('0.48 ms');
    expect(plain(formatMs(12_345.6))).toBe('12,346 ms');
    expect(formatMs(null)).toBe('—');
  });
  it('groups thousands and shortens large counts', () => {
    expect(formatInteger(16_281_402)).toBe('16,281,402');
    expect(formatInteger(-1234)).toBe('−1,234');
    expect(plain(formatCount(9_912))).toBe('9,912');
    expect(plain(formatCount(104_700))).toBe('105 k');
    expect(plain(formatCount(37_700_000))).toBe('37.7 M');
    expect(plain(formatCount(999_600))).toBe('1.0 M');
  });
  it('writes sizes and costs', () => {
    expect(plain(formatBytes(10_500_000))).toBe('10.5 MB');
    expect(plain(formatBytes(912))).toBe('912 B');
    expect(plain(formatLarge(568_740_352))).toBe('568.7 M');
    expect(plain(formatLarge(13_600))).toBe('14 k');
  });
  it('writes rates, shares and clock errors', () => {
    expect(formatRate(9.94)).toBe('9.9');
    expect(formatRate(434.2)).toBe('434');
    expect(plain(formatShare(0.0123))).toBe('1.2 %');
    expect(plain(formatOffset(410))).toBe('+0.41 s');
    expect(plain(formatOffset(-192 * 60_000))).toBe('−3 h 12 m');
    expect(plain(plural(1, 'device'))).toBe('1 device');
    expect(plain(plural(37, 'device'))).toBe('37 devices');
  });
});
