import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClockOffset, correct } from './clock-offset.ts';

const start = 1_700_000_000_000;

describe('ClockOffset', () => {
  it('is off by no more than the shortest delay of the last minute, whatever the offset', () => {
    const delays = fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(fc.integer({ min: -1_700_000_000_000, max: 1_000_000_000_000 }), delays, (offset, list) => {
        const clock = new ClockOffset();
        let estimate = 0;
        for (const [second, delay] of list.entries()) {
          const arrivedAt = start + second * 500;
          estimate = clock.observe(arrivedAt - delay + offset, arrivedAt);
        }
        expect(offset - estimate).toBe(Math.min(...list));
      }),
    );
  });

  it('follows a clock that is set back, within a minute', () => {
    const clock = new ClockOffset();
    const at = (second: number, offset: number) => clock.observe(start + second * 1000 + offset, start + second * 1000);
    expect(at(0, 90_000)).toBe(90_000);
    expect(at(1, 0)).toBe(90_000);
    at(31, 0);
    expect(at(62, 0)).toBe(0);
  });

  it('follows at once where it is set back by more than any message can have been under way', () => {
    const clock = new ClockOffset();
    const at = (second: number, offset: number) => clock.observe(start + second * 1000 + offset, start + second * 1000);
    expect(at(0, 0)).toBe(0);
    expect(at(1, -86_400_000)).toBe(-86_400_000);
    expect(at(2, -86_400_050)).toBe(-86_400_000);
    // A minute's delay is one.
    expect(at(3, -86_460_000)).toBe(-86_400_000);
  });

  it('forgets what it knew after a silence', () => {
    const clock = new ClockOffset();
    clock.observe(start + 5000, start);
    expect(clock.observe(start + 3_600_000, start + 3_600_000)).toBe(0);
  });
});

describe('correct', () => {
  it('takes the offset away, and puts nothing after its arrival or before 1970', () => {
    expect(correct(2000, 500, 10_000)).toBe(1500);
    expect(correct(20_000, 500, 10_000)).toBe(10_000);
    expect(correct(100, 500, 10_000)).toBe(0);
  });
});
