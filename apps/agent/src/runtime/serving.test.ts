import { describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../test/support/fake-clock.ts';
import { FakeLane } from '../../test/support/fake-lanes.ts';
import { rememberedLog } from '../../test/support/logs.ts';
import { variant } from '../../test/support/variants.ts';
import type { Classifiers } from '../domain/ports.ts';
import type { Capture } from './capture.ts';
import type { FrameLoop } from './frame-loop.ts';
import { Serving } from './serving.ts';

const several = { ...variant('a', 64), rhos: [64, 32] };

describe('the end of what serves', () => {
  it('waits for another ρ that is still warming, and leaves no classifier behind', async () => {
    const ends: string[] = [];
    let warmed: (() => void) | undefined;
    const opened: FakeLane[] = [];
    // The runtime does not always heed that it was called off.
    const warm = async (_: AbortSignal, how?: { rho?: number | undefined }) => {
      const lane = new FakeLane(several, how?.rho);
      if (opened.push(lane) > 1) {
        await new Promise<void>((resolve) => {
          warmed = resolve;
        });
        lane.close = async () => void ends.push('closed');
      }
      return { lane, warmupMs: 1, golden: [] };
    };
    const classifiers: Classifiers = { open: async () => ({ variant: several, warm, discard: () => undefined }) };
    const serving = new Serving({
      loop: {
        current: undefined,
        switchTo: (_: unknown, done: () => void) => done(),
        retire: async () => undefined,
      } as unknown as FrameLoop,
      capture: { want: () => undefined } as unknown as Capture,
      classifiers,
      clock: new FakeClock(),
      random: () => 0,
      log: rememberedLog(),
      onFault: () => undefined,
      rhoFor: ({ rho }) => rho,
    });
    await serving.open(async () => new Uint8Array());
    const resized = serving.resize(32);
    await settle();
    const stopped = serving.stop().then(() => ends.push('stopped'));
    await settle();
    warmed?.();
    await stopped;
    expect(ends).toEqual(['closed', 'stopped']);
    expect(await resized).toBe(false);
  });
});
