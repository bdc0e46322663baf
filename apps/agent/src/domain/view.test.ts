import { describe, expect, it } from 'vitest';
import { parseRoi, viewOf } from './view.ts';

describe('a region of interest', () => {
  it('is four fractions inside the picture', () => {
    expect(parseRoi('0.25, 0.5,0.5,.5')).toEqual({ x: 0.25, y: 0.5, width: 0.5, height: 0.5 });
    expect(parseRoi('0,0,1,1')).toEqual({ x: 0, y: 0, width: 1, height: 1 });
    expect(parseRoi('0.9,0,0.1,1')).toBeDefined();
  });

  it.each([
    '',
    '0,0,1',
    '0,0,1,1,1',
    '0.5,0,0.6,1',
    '0,0,0,1',
    '0,0,0.001,1',
    '-0.1,0,1,1',
    '10,10,200,200',
    'a,b,c,d',
    '0,0,1,',
    '1e-1,0,1,1',
  ])('is not %j', (text) => {
    expect(parseRoi(text)).toBeUndefined();
  });

  it('is part of a view', () => {
    expect(viewOf({ roi: '0,0,0.5,1', rotate: '90', mirror: true })).toEqual({
      roi: { x: 0, y: 0, width: 0.5, height: 1 },
      rotate: 90,
      mirror: true,
    });
    expect(viewOf({ roi: undefined, rotate: '0', mirror: false })).toEqual({ rotate: 0, mirror: false });
  });
});
