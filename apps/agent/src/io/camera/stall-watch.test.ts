import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { firstFrameMs, stallMs } from './patience.ts';
import { StallWatch } from './stall-watch.ts';

function newWatch() {
  const clock = new FakeClock();
  const stalls: number[] = [];
  const watch = new StallWatch(clock, (ms) => stalls.push(ms));
  watch.start();
  return { clock, stalls, watch };
}

describe('the watch over a stream', () => {
  it('gives the first frame its time', async () => {
    const { clock, stalls } = newWatch();
    await clock.advance(firstFrameMs - 1);
    expect(stalls).toEqual([]);
    await clock.advance(1);
    expect(stalls).toEqual([firstFrameMs]);
    expect(clock.pending).toBe(0);
  });

  it('counts from the latest frame, with one timer', async () => {
    const { clock, stalls, watch } = newWatch();
    for (let frame = 0; frame < 100; frame += 1) {
      watch.frame();
      expect(clock.pending).toBe(1);
      await clock.advance(stallMs - 1);
    }
    expect(stalls).toEqual([]);
    await clock.advance(1);
    expect(stalls).toEqual([stallMs]);
  });

  it('takes no late frame for a stream that is over', async () => {
    const { clock, stalls, watch } = newWatch();
    watch.stop();
    watch.frame();
    expect(clock.pending).toBe(0);
    watch.start();
    await clock.advance(firstFrameMs);
    expect(stalls).toEqual([firstFrameMs]);
  });
});
