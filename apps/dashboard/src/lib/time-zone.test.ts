import { describe, expect, it } from 'vitest';
import { clockSuffices } from './time-zone.ts';

describe('clockSuffices', () => {
  const afterMidnight = Date.UTC(2026, 5, 2, 0, 5);
  it('holds for what happened shortly before midnight, and for all of today', () => {
    expect(clockSuffices(Date.UTC(2026, 5, 1, 23, 59), afterMidnight, 'UTC')).toBe(true);
    expect(clockSuffices(Date.UTC(2026, 5, 2, 0, 1), Date.UTC(2026, 5, 2, 23, 0), 'UTC')).toBe(true);
  });
  it('does not hold for yesterday noon', () => {
    expect(clockSuffices(Date.UTC(2026, 5, 1, 12, 0), afterMidnight, 'UTC')).toBe(false);
  });
});
