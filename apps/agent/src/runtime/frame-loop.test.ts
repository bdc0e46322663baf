import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { FakeLane } from '../../test/support/fake-lanes.ts';
import { variant } from '../../test/support/variants.ts';
import type { FrameFormat } from '../domain/frames.ts';
import { FrameLoop } from './frame-loop.ts';

function newLoop() {
  const clock = new FakeClock();
  const told = { results: [] as string[], captured: 0, skipped: 0, dropped: 0, serves: [] as string[], faults: 0, ms: [] as number[] };
  const loop = new FrameLoop(clock, {
    captured: () => {
      told.captured += 1;
    },
    skipped: () => {
      told.skipped += 1;
    },
    filled: () => undefined,
    dropped: () => {
      told.dropped += 1;
    },
    result: (result) => {
      told.results.push(`${result.frame}${result.variant[0]}`);
      told.ms.push(result.ms);
    },
    serves: (lane) => void told.serves.push(lane.variant.sha256[0] ?? ''),
    laneFault: () => {
      told.faults += 1;
    },
    cameraFault: () => undefined,
    cameraRecovered: () => undefined,
    cameraEnded: () => undefined,
  });
  const frame = (format: FrameFormat) => {
    loop.begin(format)?.fill(7);
    loop.commit(format, 1);
  };
  return { clock, loop, told, frame };
}

const [a, b, wide] = [variant('a'), variant('b'), variant('c', 64)];

describe('the frame loop', () => {
  it('numbers frames from 1 and counts those that a newer one replaced', () => {
    const { loop, told, frame } = newLoop();
    const lane = new FakeLane(a);
    loop.switchTo(lane, () => undefined);
    for (let count = 0; count < 4; count += 1) frame(lane.format);
    lane.answer();
    lane.answer();
    expect(told.results).toEqual(['1a', '4a']);
    expect(told).toMatchObject({ captured: 4, dropped: 2, serves: ['a'] });
  });

  it('has room until one frame waits for the one in work, and then at the next answer', async () => {
    const { loop, told, frame } = newLoop();
    const lane = new FakeLane(a);
    loop.switchTo(lane, () => undefined);
    frame(lane.format);
    expect(loop.room()).toBeUndefined();
    frame(lane.format);
    let welcome = 0;
    const waiting = [loop.room(), loop.room()].map((room) => room?.then(() => (welcome += 1)));
    await Promise.resolve();
    expect(welcome).toBe(0);
    lane.answer();
    await Promise.all(waiting);
    expect(welcome).toBe(2);
    expect(loop.room()).toBeUndefined();
    expect(told.dropped).toBe(0);
  });

  it('numbers frames that the camera threw away before they were made', () => {
    const { loop, told, frame } = newLoop();
    const lane = new FakeLane(a);
    loop.switchTo(lane, () => undefined);
    frame(lane.format);
    loop.begin(lane.format);
    loop.skip();
    loop.commit(lane.format, 1);
    lane.answer();
    lane.answer();
    expect(told.results).toEqual(['1a', '3a']);
    expect(told).toMatchObject({ captured: 2, skipped: 1, dropped: 0 });
  });

  it('measures from the captured frame to its result', async () => {
    const { clock, loop, told, frame } = newLoop();
    const lane = new FakeLane(a);
    loop.switchTo(lane, () => undefined);
    frame(lane.format);
    await clock.advance(12);
    lane.answer();
    expect(told.ms).toEqual([12]);
  });

  it('switches between two frames, without a gap, and keeps the order of results', () => {
    const { loop, told, frame } = newLoop();
    const [old, next] = [new FakeLane(a), new FakeLane(b)];
    loop.switchTo(old, () => undefined);
    frame(old.format);
    frame(old.format);
    let done = 0;
    loop.switchTo(next, () => {
      done += 1;
    });
    expect(done).toBe(0);
    frame(old.format);
    expect(done).toBe(1);
    next.answer();
    expect(told.results).toEqual([]);
    old.answer();
    old.answer();
    expect(told.results).toEqual(['1a', '2a', '3b']);
    expect(told.dropped).toBe(0);
  });

  it('gives each frame to the lane of its format until the first of the new one', () => {
    const { loop, told, frame } = newLoop();
    const [old, next] = [new FakeLane(a), new FakeLane(wide)];
    loop.switchTo(old, () => undefined);
    frame(old.format);
    old.answer();
    loop.switchTo(next, () => undefined);
    // The camera delivers the old size on while it prepares the new one.
    frame(old.format);
    old.answer();
    frame(next.format);
    next.answer();
    expect(told.results).toEqual(['1a', '2a', '3c']);
    expect(told.serves).toEqual(['a', 'c']);
    frame(old.format);
    expect(told).toMatchObject({ captured: 4, dropped: 1 });
  });

  it('keeps a half filled frame of one format apart from one of another', () => {
    const { loop, told } = newLoop();
    const [old, next] = [new FakeLane(a), new FakeLane(wide)];
    loop.switchTo(old, () => undefined);
    loop.begin(old.format);
    loop.switchTo(next, () => undefined);
    expect(loop.begin(next.format)).toBe(next.slot);
    loop.commit(old.format, 1);
    old.answer();
    expect(told.results).toEqual(['1a']);
  });

  it('forgets a switch that was called off', () => {
    const { loop, told, frame } = newLoop();
    const [old, next] = [new FakeLane(a), new FakeLane(b)];
    loop.switchTo(old, () => undefined);
    frame(old.format);
    loop.switchTo(next, () => undefined);
    loop.cancelSwitch(next);
    frame(old.format);
    old.answer();
    old.answer();
    expect(told.results).toEqual(['1a', '2a']);
  });

  it('lets no lost frame of a dead lane hold back the next lane', () => {
    const { loop, told, frame } = newLoop();
    const [old, next] = [new FakeLane(a), new FakeLane(b)];
    loop.switchTo(old, () => undefined);
    frame(old.format);
    frame(old.format);
    loop.switchTo(next, () => undefined);
    frame(next.format);
    next.answer();
    old.die();
    expect(told.results).toEqual(['3b']);
    expect(told).toMatchObject({ dropped: 2, faults: 1 });
  });

  it('counts frames for a dead lane as dropped', () => {
    const { loop, told, frame } = newLoop();
    const lane = new FakeLane(a);
    loop.switchTo(lane, () => undefined);
    frame(lane.format);
    lane.die();
    frame(lane.format);
    expect(told).toMatchObject({ captured: 2, dropped: 2 });
  });

  it('closes a retired lane once it has answered', async () => {
    const { loop, told, frame } = newLoop();
    const [old, next] = [new FakeLane(a), new FakeLane(b)];
    loop.switchTo(old, () => undefined);
    frame(old.format);
    loop.switchTo(next, () => undefined);
    frame(next.format);
    const retired = loop.retire(old);
    expect(old.closed).toBe(false);
    old.answer();
    await retired;
    expect(old.closed).toBe(true);
    expect(told.results).toEqual(['1a']);
    await expect(loop.retire(next)).rejects.toThrow('in service');
  });

  it('has no memory for frames that nobody wants', () => {
    const { loop, told, frame } = newLoop();
    expect(loop.begin({ rho: 32, crop: 1 })).toBeUndefined();
    frame({ rho: 32, crop: 1 });
    expect(told).toMatchObject({ captured: 1, dropped: 1 });
  });
});
