import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FrameResult } from './frames.ts';
import { PublishPolicy, type PublishSettings } from './publish-policy.ts';
import { anyProbability, parseThresholds } from './thresholds.ts';

const usual: PublishSettings = { mode: 'every', changeCount: 3, intervalMs: 1000, thresholds: anyProbability };

function result(frame: number, label: string, { probability = 0.9, variant = 'a' } = {}): FrameResult {
  return {
    frame,
    at: frame * 100,
    ms: 5,
    stages: { preprocess: 0, inference: 5, postprocess: 0 },
    variant: variant.repeat(64),
    top: [{ class: 0, label, probability }],
  };
}

/** A letter is a sure result, a small one an unsure one; frames come every 100 ms. */
function play(settings: Partial<PublishSettings>, story: string) {
  const policy = new PublishPolicy({ ...usual, thresholds: { labels: new Map(), others: 0.5 }, ...settings });
  const verdicts = [...story].map((letter, index) => {
    const probability = letter === letter.toUpperCase() ? 0.9 : 0.1;
    return policy.offer(result(index + 1, letter.toUpperCase(), { probability }), index * 100);
  });
  return {
    published: verdicts.flatMap(({ publish }) => (publish === undefined ? [] : [publish.frame])),
    changes: verdicts.flatMap(({ change }) =>
      change === undefined ? [] : [`${change.replaced ?? '-'}>${change.result.top[0]?.label}@${change.result.frame}`],
    ),
  };
}

describe('the publish policy', () => {
  it('every: lets each sure result through', () => {
    expect(play({ mode: 'every' }, 'AAbBA').published).toEqual([1, 2, 4, 5]);
  });

  it('change: the first of a label that came three times in a row, with what it replaced', () => {
    expect(play({ mode: 'change' }, 'AAAAABBBBCCC')).toEqual({ published: [1, 6, 10], changes: ['->A@1', 'A>B@6', 'B>C@10'] });
  });

  it('change: a run that another label or an unsure result breaks begins anew', () => {
    expect(play({ mode: 'change' }, 'AAABBABBB').changes).toEqual(['->A@1', 'A>B@7']);
    expect(play({ mode: 'change' }, 'AAABBbBBB').changes).toEqual(['->A@1', 'A>B@7']);
  });

  it('change: an unsure result does not end the label that holds', () => {
    expect(play({ mode: 'change' }, 'AAAbbbbAAA').changes).toEqual(['->A@1']);
    expect(play({ mode: 'change' }, 'AAACCAAA').changes).toEqual(['->A@1']);
  });

  it('change: with a count of one tells each change at once', () => {
    expect(play({ mode: 'change', changeCount: 1 }, 'AABAC').changes).toEqual(['->A@1', 'A>B@3', 'B>A@4', 'A>C@5']);
  });

  it('change: a run does not go on from one variant to the next', () => {
    const policy = new PublishPolicy({ ...usual, mode: 'change' });
    for (const frame of [1, 2]) policy.offer(result(frame, 'A'), 0);
    for (const frame of [3, 4]) expect(policy.offer(result(frame, 'A', { variant: 'b' }), 0).change).toBeUndefined();
    expect(policy.offer(result(5, 'A', { variant: 'b' }), 0).change?.result.frame).toBe(3);
  });

  it('interval: the first sure result of each second, without drift', () => {
    expect(play({ mode: 'interval' }, 'A'.repeat(31)).published).toEqual([1, 11, 21, 31]);
    expect(play({ mode: 'interval' }, `a${'A'.repeat(15)}`).published).toEqual([2, 12]);
    const policy = new PublishPolicy({ ...usual, mode: 'interval' });
    const left = Array.from({ length: 100 }, (_, index) => policy.offer(result(index + 1, 'A'), index * 333)).filter(
      ({ publish }) => publish,
    );
    expect(left).toHaveLength(33);
  });

  it('interval: begins anew after a pause, and does not make up for it', () => {
    const policy = new PublishPolicy({ ...usual, mode: 'interval' });
    const at = (now: number) => policy.offer(result(1, 'A'), now).publish !== undefined;
    expect([0, 999, 1000, 60_500, 60_600, 61_499, 61_500].map(at)).toEqual([true, false, true, true, false, false, true]);
  });

  it('keeps its promises for every story', () => {
    const step = fc.record({
      label: fc.constantFrom('A', 'B', 'C'),
      probability: fc.constantFrom(0.1, 0.6, 0.9),
      variant: fc.constantFrom('a', 'a', 'a', 'b'),
      wait: fc.integer({ min: 1, max: 700 }),
    });
    const settings = fc.record({
      mode: fc.constantFrom('every', 'change', 'interval'),
      changeCount: fc.integer({ min: 1, max: 5 }),
      intervalMs: fc.integer({ min: 1, max: 3000 }),
      thresholds: fc.constantFrom(anyProbability, parseThresholds('A=0.5,*=0.7')!),
    });
    fc.assert(
      fc.property(settings, fc.array(step, { maxLength: 120 }), (chosen, steps) => {
        const policy = new PublishPolicy(chosen);
        const sure = ({ label, probability }: { label: string; probability: number }) =>
          chosen.thresholds === anyProbability || probability >= (label === 'A' ? 0.5 : 0.7);
        let now = 0;
        let lastFrame = 0;
        let lastAt = Number.NEGATIVE_INFINITY;
        let held: string | undefined;
        let left = 0;
        for (const [index, each] of steps.entries()) {
          now += each.wait;
          const { publish, change } = policy.offer(result(index + 1, each.label, each), now);
          if (change !== undefined) {
            const { frame } = change.result;
            expect(change.replaced).toBe(held);
            expect(each.label).not.toBe(held);
            held = each.label;
            // The run: as long as it must be, of one label and variant, every one sure, and complete with this one.
            const run = steps.slice(frame - 1, index + 1);
            expect(run).toHaveLength(chosen.changeCount);
            for (const one of run) expect([one.label, one.variant, sure(one)]).toEqual([each.label, each.variant, true]);
          }
          if (publish === undefined) {
            if (chosen.mode === 'every') expect(sure(each)).toBe(false);
            continue;
          }
          left += 1;
          expect(publish.frame).toBeGreaterThan(lastFrame);
          lastFrame = publish.frame;
          if (chosen.mode !== 'change') expect(publish.frame).toBe(index + 1);
          else expect(publish).toBe(change?.result);
          if (chosen.mode === 'interval') {
            // On a grid: never more than two within one interval, and never more than the grid has places.
            lastAt = lastAt === Number.NEGATIVE_INFINITY ? now : lastAt;
            expect(left).toBeLessThanOrEqual(Math.floor((now - lastAt) / chosen.intervalMs) + 1);
          }
        }
        if (chosen.mode === 'every') expect(left).toBe(steps.filter(sure).length);
      }),
      { numRuns: 500 },
    );
  });
});
