import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { paced } from './paced.ts';

describe('a steady rate', () => {
  it('does not drift, however long each call takes', async () => {
    const clock = new FakeClock();
    const at: number[] = [];
    const stop = paced(clock, 10, async () => {
      at.push(clock.monotonic());
      await new Promise<void>((resolve) => clock.after(30, resolve));
    });
    await clock.advance(1000);
    stop();
    await clock.advance(1000);
    expect(at).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
  });

  it('leaves out what it missed, and gives no two calls close together', async () => {
    const clock = new FakeClock();
    const at: number[] = [];
    const waits = [0, 280, 370, 0, 0];
    const stop = paced(clock, 10, async () => {
      at.push(clock.monotonic());
      const ms = waits.shift() ?? 0;
      if (ms > 0) await new Promise<void>((resolve) => clock.after(ms, resolve));
    });
    await clock.advance(1500);
    stop();
    // 100 took until 380, and 400 was too near; 500 took until 870, and 900 was too near.
    expect(at.slice(0, 5)).toEqual([0, 100, 500, 1000, 1100]);
  });
});
