import { AlpharhoError } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { StepWatch } from './step-watch.ts';

const tooLong = () => new AlpharhoError('step_timeout', 'it took too long');

function watched() {
  const clock = new FakeClock();
  const outer = new AbortController();
  const watch = new StepWatch(clock, outer.signal);
  watch.enter('shadowing', 1_000, tooLong);
  return { clock, outer, watch };
}

describe('the watch over an update', () => {
  it('leaves a step behind that goes on after it was called off', async () => {
    const { clock, outer, watch } = watched();
    const { signal } = watch;
    const step = watch.over(new Promise(() => undefined), signal).catch((error: unknown) => error);
    outer.abort(new Error('a newer desired state came'));
    await clock.advance(1_000);
    await expect(step).resolves.toMatchObject({ message: 'a newer desired state came' });
  });

  it('calls off a phase that takes too long', async () => {
    const { clock, watch } = watched();
    const step = watch.over(new Promise(() => undefined), watch.signal).catch((error: unknown) => error);
    await clock.advance(2_000);
    await expect(step).resolves.toMatchObject({ code: 'step_timeout' });
  });

  it('waits for no step of the many that have ended, when the update is called off', async () => {
    const { clock, outer, watch } = watched();
    for (let frame = 0; frame < 100; frame += 1) await watch.over(Promise.resolve(), watch.signal);
    watch.end();
    outer.abort();
    expect(clock.pending).toBe(0);
  });
});
