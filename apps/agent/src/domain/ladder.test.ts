import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idleAnyway, idleSettings, ladderOf } from './ladder.ts';

const several = { rho: 224, rhos: [224, 192, 160, 128] };
const ordinary = { rho: 160, rhos: [160] };

describe('the allowed steps', () => {
  it('lower ρ first, then the rate', () => {
    expect(ladderOf(several, { rhos: [128, 224, 160], rates: [5, 15] })).toEqual([
      { rho: 224, rate: 15 },
      { rho: 160, rate: 15 },
      { rho: 128, rate: 15 },
      { rho: 128, rate: 5 },
    ]);
  });

  it("are the variant's own ρ and every frame where nothing is said", () => {
    expect(ladderOf(several, {})).toEqual([{ rho: 224, rate: undefined }]);
    expect(ladderOf(ordinary, { rhos: [224, 128] })).toEqual([{ rho: 160, rate: undefined }]);
  });

  it('have no rate below the least one that is wanted', () => {
    expect(ladderOf(ordinary, { rates: [10, 5, 2], minRate: 5 }).map(({ rate }) => rate)).toEqual([10, 5]);
    expect(ladderOf(ordinary, { rates: [4, 2], minRate: 5 }).map(({ rate }) => rate)).toEqual([4]);
  });

  it('hold nothing that is neither allowed nor, where nothing allowed is served, the own ρ', () => {
    const rhos = fc.uniqueArray(fc.constantFrom(96, 128, 160, 192, 224), { minLength: 1 });
    const rates = fc.option(fc.uniqueArray(fc.constantFrom(1, 2, 5, 10, 30), { minLength: 1 }), { nil: undefined });
    fc.assert(
      fc.property(rhos, fc.option(rhos, { nil: undefined }), rates, fc.nat(20), (served, allowed, allowedRates, minRate) => {
        const variant = { rho: served[0] ?? 0, rhos: served };
        const ladder = ladderOf(variant, { rhos: allowed, rates: allowedRates, minRate });
        const possible = (allowed ?? []).filter((rho) => served.includes(rho));
        for (const { rho, rate } of ladder) {
          expect(possible.length > 0 ? possible : [variant.rho]).toContain(rho);
          expect(allowedRates ?? [undefined]).toContain(rate);
        }
        expect(ladder.length).toBeGreaterThan(0);
      }),
    );
  });
});

describe('settings that do nothing', () => {
  it.each([
    [{ rhos: [224, 160, 96] }, true, ['allow-rhos 96: the variant serves ρ 224, 192, 160, 128']],
    [{ rates: [10, 2], minRate: 5 }, true, ['allow-rates 2: below min-rate 5', expect.stringContaining('no step is allowed')]],
    [{}, true, [expect.stringContaining('no step is allowed that could hold them')]],
    [
      { rhos: [224, 128] },
      false,
      ['allow-rhos, allow-rates: without budget-p95, min-rate or max-temperature only throttling makes a step'],
    ],
    [{ rhos: [224, 128] }, true, []],
    [{}, false, []],
  ])('%j are told', (allowed, hasBudget, told) => {
    expect(idleSettings(several, allowed, hasBudget)).toEqual(told);
  });

  it('are told before any variant is known, as far as they can be', () => {
    expect(idleAnyway({}, true)).toEqual([expect.stringContaining('no step is allowed that could hold them')]);
    expect(idleAnyway({ rhos: [224, 128] }, false)).toEqual([expect.stringContaining('only throttling makes a step')]);
    expect(idleAnyway({ rates: [10, 2], minRate: 5 }, true)[0]).toBe('allow-rates 2: below min-rate 5');
    expect(idleAnyway({ rhos: [224, 128] }, true)).toEqual([]);
    expect(idleAnyway({}, false)).toEqual([]);
  });
});
