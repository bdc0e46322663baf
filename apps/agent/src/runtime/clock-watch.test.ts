import { expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import type { Clock } from '../domain/clock.ts';
import type { AgentEvent } from '../domain/events.ts';
import { ClockWatch } from './clock-watch.ts';

it('a clock that is set is told once each time, with its direction; one that is slewed is not', async () => {
  const fake = new FakeClock();
  let shift = 0;
  const clock: Clock = {
    now: () => fake.now(),
    wall: () => fake.now() + Math.round(shift),
    monotonic: () => fake.monotonic(),
    after: (ms, call) => fake.after(ms, call),
  };
  const told: AgentEvent[] = [];
  const watch = new ClockWatch(clock, (event) => told.push(event));
  watch.start();
  for (let minute = 0; minute < 60; minute += 1) {
    shift += 30;
    await fake.advance(60_000);
  }
  expect(told).toEqual([]);
  shift += 3_600_000;
  await fake.advance(60_000);
  shift -= 90_000;
  await fake.advance(60_000);
  expect(told.map(({ id, detail, message }) => [id, detail?.milliseconds, /forward|back/.exec(message)?.[0]])).toEqual([
    ['clock.jumped', 3_600_000, 'forward'],
    ['clock.jumped', -90_000, 'back'],
  ]);
  watch.stop();
  expect(fake.pending).toBe(0);
});
