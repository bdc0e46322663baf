import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { variant } from '../../test/support/variants.ts';
import type { FrameResult } from './frames.ts';
import { Vitals } from './vitals.ts';

const result = (ms: number): FrameResult => ({
  frame: 1,
  at: 1,
  ms,
  stages: { preprocess: 1, inference: 2, postprocess: 1 },
  variant: variant('a').sha256,
  top: [],
});

describe('vitals', () => {
  it('count every frame once: in work, classified, or dropped for a reason', () => {
    const vitals = new Vitals(new FakeClock());
    for (let frame = 0; frame < 5; frame += 1) vitals.captured(1);
    vitals.skipped();
    vitals.dropped('newer_frame');
    vitals.dropped('classifier_lost');
    vitals.classified(result(4));
    vitals.published(9);
    expect(vitals.counts).toEqual({
      captured: 6,
      classified: 1,
      dropped: { newer_frame: 1, no_classifier: 0, classifier_lost: 1, not_decoded: 1 },
    });
    expect(vitals.sketches.capture.count).toBe(5);
    expect(vitals.sketches.publish.max).toBe(9);
  });

  it('tell frames that wait for an answer from a camera that gives none', async () => {
    const clock = new FakeClock();
    const vitals = new Vitals(clock);
    expect([vitals.frameAge, vitals.stuckMs]).toEqual([undefined, 0]);
    vitals.captured(1);
    await clock.advance(700);
    // A newer frame is no answer.
    vitals.captured(1);
    vitals.dropped('newer_frame');
    await clock.advance(300);
    expect([vitals.frameAge, vitals.stuckMs]).toEqual([300, 1000]);
    vitals.classified(result(4));
    expect(vitals.stuckMs).toBe(0);
    await clock.advance(5000);
    vitals.captured(1);
    expect([vitals.frameAge, vitals.stuckMs]).toEqual([0, 0]);
  });

  it('show the last seconds, and forget what lies further back', async () => {
    const clock = new FakeClock();
    const vitals = new Vitals(clock);
    const second = async (ms: number) => {
      vitals.captured(1);
      await clock.advance(1000);
      vitals.classified(result(ms));
    };
    for (let index = 0; index < 5; index += 1) await second(4);
    expect(vitals.recent).toMatchObject({ seconds: 5, rate: 1 });
    for (let index = 0; index < 15; index += 1) await second(40);
    expect(vitals.recent.rate).toBe(1);
    expect(vitals.recent.sketches.total.quantile(0)).toBe(40);
    await clock.advance(60_000);
    expect(vitals.recent.rate).toBeLessThan(0.2);
    await clock.advance(60_000);
    expect(vitals.recent).toMatchObject({ rate: 0 });
    expect(vitals.sketches.total.count).toBe(20);
  });
});
