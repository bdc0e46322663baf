import { describe, expect, it } from 'vitest';
import { apart } from './apart.ts';

describe('apart', () => {
  it('leaves labels where they do not touch', () => expect(apart([10, 40, 90], 16, 170)).toEqual([10, 40, 90]));
  it('pushes touching labels down, in the order of their values', () => expect(apart([52, 50, 55], 16, 170)).toEqual([66, 50, 82]));
  it('keeps the lowest within the lane', () => expect(apart([168, 165, 169], 16, 170)).toEqual([154, 138, 170]));
});
