import { describe, expect, it } from 'vitest';
import { Conditions } from './conditions.ts';

const camera = { code: 'camera_unreadable', message: 'no frames' } as const;
const disk = { code: 'disk_full', message: 'full' } as const;

describe('what is wrong just now', () => {
  it('tells the fault that began last, of those that still hold', () => {
    const conditions = new Conditions();
    conditions.raise('camera', camera, 1);
    conditions.raise('outbox', disk, 2);
    expect(conditions.latest).toEqual({ ...disk, at: 2 });
    conditions.clear('outbox');
    expect(conditions.latest).toEqual({ ...camera, at: 1 });
    conditions.clear('camera');
    expect(conditions.latest).toBeUndefined();
  });

  it('is news once, and keeps the time at which it began', () => {
    const conditions = new Conditions();
    expect(conditions.raise('camera', camera, 1)).toBe(true);
    expect(conditions.raise('camera', camera, 5)).toBe(false);
    expect(conditions.latest?.at).toBe(1);
    expect(conditions.raise('camera', { ...camera, message: 'other' }, 6)).toBe(true);
    expect([conditions.clear('camera'), conditions.clear('camera')]).toEqual([true, false]);
  });

  it('keeps messages within what the wire takes', () => {
    const conditions = new Conditions();
    conditions.raise('update', { code: 'internal', message: 'x'.repeat(2000) }, 1);
    expect(conditions.latest?.message).toHaveLength(500);
  });
});
