/** @file What a shadow run makes of two variants' answers. */
import { describe, expect, it } from 'vitest';
import { ShadowComparison, type ShadowLimits } from './shadow-comparison.ts';

const answer = (label: string) => [{ class: 0, label, probability: 0.9 }];
const took = (inference: number) => ({ preprocess: 0.5, inference, postprocess: 0.5 });

/** @param agrees of each frame */
function run(limits: ShadowLimits, agrees: readonly boolean[], ms: { serving?: number; shadow?: number } = {}) {
  const comparison = new ShadowComparison(limits);
  for (const [frame, same] of agrees.entries()) {
    comparison.serves(frame, answer('screw'), took(ms.serving ?? 9));
    comparison.shadows(frame, answer(same ? 'screw' : 'nut'), took(ms.shadow ?? 9));
    if (comparison.fault !== undefined) break;
  }
  return comparison;
}
const agreeing = (share: number, frames = 100) => Array.from({ length: frames }, (_, index) => (index * share) % 1 < share - 1e-9);
const limits = { frames: 100, minAgreement: 0.9 };

describe('a shadow', () => {
  it('passes where it agrees as often as is wanted', () => {
    const { fault, figures } = run(limits, [...Array(90).fill(true), ...Array(10).fill(false)]);
    expect(fault).toBeUndefined();
    expect(figures).toEqual({ frames: 100, agreement: 0.9, p95Ms: 10, baselineP95Ms: 10 });
  });

  it('is stopped at the frame that makes too many disagreements', () => {
    const comparison = run(limits, Array(100).fill(false));
    expect(comparison.frames).toBe(11);
    expect(comparison.fault).toEqual({
      code: 'shadow_disagrees',
      message: '0.0 % of 11 frames got the label that the serving variant gives; at least 90.0 % of 100 are wanted',
    });
  });

  it('is not judged by its time before all frames are in', () => {
    expect(run({ ...limits, maxP95Ms: 5 }, Array(99).fill(true)).fault).toBeUndefined();
    expect(run({ ...limits, maxP95Ms: 5 }, Array(100).fill(true)).fault?.message).toBe('p95 10.0 ms; at most 5 ms is allowed');
  });

  it('is compared with the serving variant on the same frames', () => {
    const ratio = { ...limits, maxP95Ratio: 1.5 };
    expect(run(ratio, Array(100).fill(true), { serving: 9, shadow: 14 }).fault).toBeUndefined();
    expect(run(ratio, Array(100).fill(true), { serving: 9, shadow: 14.1 }).fault).toEqual({
      code: 'shadow_slow',
      message: 'p95 15.1 ms against 10.0 ms of the serving variant; at most 1.5 times as much is allowed',
    });
  });

  it('counts a frame once both have answered it, in whichever order, and none that one of them never answers', () => {
    const comparison = new ShadowComparison(limits);
    expect(comparison.shadows(1, answer('nut'), took(1))).toBe(false);
    expect(comparison.serves(1, answer('nut'), took(1))).toBe(true);
    for (let frame = 2; frame < 100; frame += 1) expect(comparison.serves(frame, answer('nut'), took(1))).toBe(false);
    expect(comparison.frames).toBe(1);
    // The answer to a frame that waits too long meets nobody.
    expect(comparison.shadows(2, answer('nut'), took(1))).toBe(false);
    expect(comparison.shadows(99, answer('nut'), took(1))).toBe(true);
  });

  it.each([0.95, 0.93, 0.91])('passes at an agreement of %d', (share) => {
    expect(run(limits, agreeing(share)).fault).toBeUndefined();
  });

  it.each([0.89, 0.6, 0.1])('does not at one of %d', (share) => {
    expect(run(limits, agreeing(share)).fault?.code).toBe('shadow_disagrees');
  });
});
