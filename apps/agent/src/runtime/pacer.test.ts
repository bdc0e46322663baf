import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { seeded } from '../../test/support/governed-board.ts';
import type { FrameSink } from '../domain/ports.ts';
import { Pacer } from './pacer.ts';

const small = { rho: 32, crop: 1 };
const large = { rho: 64, crop: 1 };

function newPacer() {
  const clock = new FakeClock();
  const told = { frames: 0, taken: [] as number[], skipped: 0 };
  const memory = new Uint8Array(1);
  const sink: FrameSink = {
    begin: () => memory,
    commit: () => void told.taken.push(clock.monotonic()),
    skip: () => {
      told.skipped += 1;
    },
    room: () => undefined,
    fault: () => undefined,
    recovered: () => undefined,
    ended: () => undefined,
  };
  const pacer = new Pacer(clock, sink, () => {
    told.frames += 1;
  });
  /** A camera's frames, one each `gap` milliseconds. */
  const frames = async (count: number, gap: () => number) => {
    for (let index = 0; index < count; index += 1) {
      pacer.begin(small);
      pacer.commit(small, 1);
      await clock.advance(gap());
    }
  };
  const gaps = () => told.taken.slice(1).map((at, index) => at - (told.taken[index] ?? 0));
  return { clock, pacer, told, frames, gaps };
}

describe('the pacer', () => {
  it('lets every frame through until it is told a rate', async () => {
    const { told, frames } = newPacer();
    await frames(20, () => 33);
    expect(told.taken).toHaveLength(20);
  });

  it.each([
    [30, 15],
    [30, 10],
    [25, 10],
    [60, 7],
  ])('of %i frames a second lets %i through, evenly', async (camera, rate) => {
    const { pacer, told, frames, gaps } = newPacer();
    pacer.pace(rate);
    await frames(camera * 10, () => 1000 / camera);
    expect(Math.abs(told.taken.length - rate * 10)).toBeLessThanOrEqual(1);
    for (const gap of gaps()) expect(Math.abs(gap - 1000 / rate)).toBeLessThanOrEqual(1000 / camera + 0.01);
    expect(told.frames).toBe(camera * 10);
  });

  it('keeps the pace where the frames come unevenly', async () => {
    const { pacer, told, frames } = newPacer();
    const random = seeded(5);
    pacer.pace(10);
    await frames(300, () => 25 + 16 * random());
    const seconds = ((told.taken.at(-1) ?? 0) - (told.taken[0] ?? 0)) / 1000;
    expect((told.taken.length - 1) / seconds).toBeCloseTo(10, 0);
  });

  it('takes every frame of a camera that is slower, and makes up for no pause', async () => {
    const { pacer, told, frames } = newPacer();
    pacer.pace(20);
    await frames(20, () => 100);
    expect(told.taken).toHaveLength(20);
    await frames(1, () => 10_000);
    const before = told.taken.length;
    await frames(30, () => 10);
    expect(told.taken.length - before).toBeLessThanOrEqual(8);
  });

  it('gives no memory for a frame that is not wanted, and keeps two formats apart', async () => {
    const { clock, pacer, told } = newPacer();
    pacer.pace(10);
    expect(pacer.begin(small)).toBeDefined();
    await clock.advance(10);
    expect(pacer.begin(large)).toBeUndefined();
    pacer.commit(small, 1);
    pacer.commit(large, 1);
    expect(told).toMatchObject({ taken: [10], frames: 2 });
  });

  it('passes on frames that a camera dropped itself only as far as they were wanted', async () => {
    const { clock, pacer, told } = newPacer();
    pacer.pace(10);
    for (let index = 0; index < 30; index += 1) {
      pacer.skip();
      await clock.advance(33);
    }
    expect(told).toMatchObject({ frames: 30, skipped: 10 });
  });
});
