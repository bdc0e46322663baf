import fc from 'fast-check';
import { expect, it } from 'vitest';
import { after, type Board, controls, gateInput, pi4 } from './fixture.ts';
import type { GateInput, Gates, Outcome } from './input.ts';
import { judge } from './judge.ts';

const gates: Partial<Gates> = {
  latencyP95: { maxMs: 50, maxRatioToBaseline: 1.2, maxRatioToControl: 1.15 },
  frameRate: { minRatioToControl: 0.9 },
  errorRate: { max: 0.02 },
};
const noise = fc.double({ min: 0, max: 0.2, noNaN: true });
const factor = fc.double({ min: 0.6, max: 1.7, noNaN: true });
const board = fc.record({
  factor,
  noise,
  switched: fc.integer({ min: 0, max: 40 }),
  failed: fc.constantFrom(0, 0, 1, 6, 60),
  rate: fc.constantFrom(30, 100, 300),
});
const fleets = fc.record({
  treated: fc.array(board, { minLength: 1, maxLength: 5 }),
  spare: fc.integer({ min: 0, max: 7 }),
  slower: fc.double({ min: 1, max: 1.6, noNaN: true }),
});
type Fleet = typeof fleets extends fc.Arbitrary<infer T> ? T : never;

/** The first device is slowed down, and fails more often. */
function inputOf({ treated, spare }: Fleet, slower = 1, failing = 0): GateInput {
  const boards = treated.map((each, index): Board => {
    const p95 = 40 * each.factor * (index === 0 ? slower : 1);
    const failed = each.failed + (index === 0 ? failing : 0);
    const switched = after({ p95, frames: each.rate, failed }, { frames: each.rate });
    return { name: `new-${index}`, switched: each.switched, noise: each.noise, hoursBefore: 1, ...(switched && { at: switched }) };
  });
  return gateInput([...boards, ...controls(spare).map((each) => ({ ...each, hoursBefore: 1 }))], gates);
}

const outcomes = (input: GateInput): Outcome[] => judge(input).map(({ verdict }) => verdict);

it('a slower device never turns a fail into a pass', () => {
  const seen = new Set<Outcome>();
  fc.assert(
    fc.property(fleets, (fleet) => {
      const before = outcomes(inputOf(fleet));
      const slowed = outcomes(inputOf(fleet, fleet.slower));
      for (const [index, verdict] of before.entries()) {
        seen.add(verdict);
        if (verdict === 'fail') expect(slowed[index]).not.toBe('pass');
      }
    }),
    { numRuns: 60 },
  );
  expect([...seen].sort()).toEqual(['fail', 'inconclusive', 'pass']);
});

it('a device that fails more never turns a fail into a pass', () => {
  fc.assert(
    fc.property(fleets, fc.integer({ min: 1, max: 100 }), (fleet, failing) => {
      const before = outcomes(inputOf(fleet));
      const worse = outcomes(inputOf(fleet, 1, failing));
      for (const [index, verdict] of before.entries()) if (verdict === 'fail') expect(worse[index]).not.toBe('pass');
    }),
    { numRuns: 40 },
  );
});

it('windows that are taken away never make a pass of nothing, and every verdict agrees with its interval', () => {
  fc.assert(
    fc.property(fleets, fc.nat(4), (fleet, keep) => {
      const input = inputOf(fleet);
      const silenced = { ...input, windows: input.windows.filter((window, index) => window.variant.startsWith('a') || index % 5 < keep) };
      const all = judge(silenced);
      if (keep === 0) expect(all.every(({ verdict }) => verdict === 'inconclusive')).toBe(true);
      for (const { verdict, low, high, threshold, metric, value, hardwareClass, reason } of all) {
        expect([hardwareClass, reason.length > 0]).toEqual([pi4, true]);
        if (low === null || high === null) {
          expect([verdict, value]).toEqual(['inconclusive', null]);
          continue;
        }
        expect(low).toBeLessThanOrEqual(high);
        const inside = metric === 'frameRate' ? low >= threshold : high <= threshold;
        const outside = metric === 'frameRate' ? high < threshold : low > threshold;
        expect(verdict).toBe(inside ? 'pass' : outside ? 'fail' : 'inconclusive');
      }
    }),
    { numRuns: 60 },
  );
});
