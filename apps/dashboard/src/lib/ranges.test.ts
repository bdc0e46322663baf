import { describe, expect, it } from 'vitest';
import { rangeFrom, timeTicks } from './ranges.ts';
import { formatTime, usableZone, zoneOffsetMs } from './time-zone.ts';

describe('rangeFrom', () => {
  it('takes a known range and reads anything else as the shortest', () => {
    expect(rangeFrom('24h')).toBe('24h');
    expect(rangeFrom('99y')).toBe('15m');
    expect(rangeFrom(['6h', '7d'])).toBe('15m');
    expect(rangeFrom(undefined)).toBe('15m');
  });
});

describe('timeTicks', () => {
  it('puts days at local midnight', () => {
    const zone = 'America/St_Johns';
    const to = Date.UTC(2026, 0, 20, 12);
    const ticks = timeTicks(to - 7 * 86_400_000, to, zoneOffsetMs(to, zone), 8);
    expect(ticks).toHaveLength(7);
    expect(ticks.map((at) => formatTime(at, zone, 'minute'))).toEqual(Array(7).fill('00:00'));
  });
  it('never gives more labels than fit, by more than the one at the edge', () => {
    const to = Date.UTC(2026, 0, 20, 12, 7, 31);
    for (const minutes of [15, 60, 360, 1440, 10_080]) {
      const ticks = timeTicks(to - minutes * 60_000, to, 0, 6);
      expect(ticks.length).toBeGreaterThanOrEqual(3);
      expect(ticks.length).toBeLessThanOrEqual(7);
    }
  });
});

describe('usableZone', () => {
  it('refuses what no runtime knows', () => {
    expect(usableZone('Europe/Berlin')).toBe('Europe/Berlin');
    expect(usableZone('Mars/Olympus')).toBe(Intl.DateTimeFormat().resolvedOptions().timeZone);
    expect(usableZone('x'.repeat(1000))).toBe(Intl.DateTimeFormat().resolvedOptions().timeZone);
  });
  it('writes clocks in the given zone with 24 hours', () => {
    expect(formatTime(Date.UTC(2026, 5, 1, 22, 5, 9), 'Europe/Berlin', 'clock')).toBe('00:05:09');
  });
});
