import { describe, expect, it } from 'vitest';
import { shortBoard } from './device-facts.ts';

describe('shortBoard', () => {
  it.each([
    ['Raspberry Pi 4 Model B Rev 1.4', 'Pi 4'],
    ['Raspberry Pi 5 Model B Rev 1.0', 'Pi 5'],
    ['Raspberry Pi Zero 2 W Rev 1.0', 'Pi Zero 2'],
    ['NVIDIA Jetson Orin Nano Developer Kit', 'Orin Nano'],
    ['Intel(R) Xeon(R) CPU @ 2.20GHz', 'Intel Xeon'],
    ['AMD EPYC 7B13 64-Core Processor', 'AMD EPYC 7B13'],
  ])('%s → %s', (model, name) => expect(shortBoard(model)).toBe(name));
  it('knows no board where none was reported', () => expect(shortBoard(null)).toBeNull());
});
