import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isAlpharhoError } from './errors.ts';
import { parseRolloutSpec, phaseSizes, type RolloutSpecInput, rolloutRulesOf, rolloutSpecSchema, variantFor } from './rollout-spec.ts';

const variant = 'a'.repeat(64);
const other = 'b'.repeat(64);
const plain: RolloutSpecInput = { variant, targets: { where: 'site=quay' } };
const minute = 60_000;

function problemOf(change: object): string {
  try {
    parseRolloutSpec({ ...plain, ...change });
  } catch (error) {
    return isAlpharhoError(error, 'rollout_invalid') ? error.message : `not for people: ${String(error)}`;
  }
  return 'none';
}

describe('a rollout that says only what and where', () => {
  const spec = parseRolloutSpec(plain);

  it('begins with one canary and comes back by itself', () => {
    expect(spec.phases.map(({ count, percent, soak, advance }) => [count, percent, soak, advance])).toEqual([
      [1, undefined, 15 * minute, 'automatic'],
      [undefined, 10, 15 * minute, 'automatic'],
      [undefined, 50, 15 * minute, 'automatic'],
      [undefined, 100, 15 * minute, 'automatic'],
    ]);
    expect(rolloutRulesOf(spec)).toEqual({
      advance: ['automatic', 'automatic', 'automatic', 'automatic'],
      onFail: 'roll_back',
      returnsAtOnce: 20,
    });
  });

  it('says everything once it is read, so that what is stored does not change with the defaults', () => {
    expect(parseRolloutSpec(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
  });

  it('can be described in a JSON schema, for the documents of the interface', () => {
    expect(z.toJSONSchema(rolloutSpecSchema, { io: 'input' })).toMatchObject({ required: ['targets'], additionalProperties: false });
  });
});

describe('times', () => {
  it.each([
    ['90s', 90_000],
    ['15min', 15 * minute],
    ['15 min', 15 * minute],
    ['2h', 120 * minute],
    ['7d', 7 * 24 * 60 * minute],
    ['500ms', 500],
    [250, 250],
  ])('%s', (written, ms) => {
    expect(parseRolloutSpec({ ...plain, phases: [{ percent: 100, soak: written }] }).phases[0]?.soak).toBe(ms);
  });

  it('of a start may be written as people and as programs do', () => {
    const starts = ['2027-01-31T22:00:00+01:00', '2027-01-31T21:00:00Z', Date.UTC(2027, 0, 31, 21)];
    for (const notBefore of starts) {
      expect(parseRolloutSpec({ ...plain, schedule: { notBefore } }).schedule.notBefore).toBe(Date.UTC(2027, 0, 31, 21));
    }
  });
});

describe('what cannot be is refused in words', () => {
  it.each([
    ['a word that it does not know', { phasse: [] }, 'rollout: Unrecognized key: "phasse"'],
    ['no variant', { variant: undefined }, 'rollout: expected either variant or variants'],
    ['two ways to say the variant', { variants: { '*': variant } }, 'rollout: expected either variant or variants'],
    ['a variant by its name', { variant: 'V1 0.5×160' }, 'rollout: variant: a SHA-256 is 64'],
    ['no targets', { targets: {} }, 'rollout: targets: expected either where or ids'],
    ['a device twice', { targets: { ids: ['pi-1', 'pi-1'] } }, 'rollout: targets.ids: expected each device once'],
    ['a phase of no size', { phases: [{ soak: '1h' }] }, 'rollout: phases.0: expected either count or percent'],
    [
      'phases that shrink',
      { phases: [{ percent: 50 }, { count: 3 }, { percent: 20 }] },
      'rollout: phases.2.percent: expected more than the 50',
    ],
    ['no phases', { phases: [] }, 'rollout: phases: Too small'],
    ['a soak time in words', { phases: [{ percent: 100, soak: 'a while' }] }, 'rollout: phases.0.soak: '],
    ['a deadline of nothing', { deadlines: { device: '1s' } }, 'rollout: deadlines.device: '],
    ['a share above one', { gates: { errorRate: { max: 2 } } }, 'rollout: gates.errorRate.max: Too big'],
    [
      'a summer time by its offset',
      { schedule: { windows: [{ from: '22:00', to: '04:00', timeZone: '+02:00' }] } },
      'expected a time zone like Europe/Berlin',
    ],
    [
      'a place that is no time zone',
      { schedule: { windows: [{ from: '22:00', to: '04:00', timeZone: 'Europe/Atlantis' }] } },
      'expected a time zone',
    ],
    ['an hour after midnight', { schedule: { windows: [{ from: '24:00', to: '04:00' }] } }, 'expected a time of day like 22:30'],
    ['a start without its zone', { schedule: { notBefore: '2027-01-31T22:00:00' } }, 'rollout: schedule.notBefore: expected a time like'],
  ])('%s', (_, change, message) => {
    expect(problemOf(change)).toContain(message);
  });
});

describe('a map of variants', () => {
  it('names one for a class, and one for all the rest', () => {
    const { variants } = parseRolloutSpec({ targets: { where: 'id=*' }, variants: { 'Raspberry Pi 4': variant, '*': other } });
    expect(variantFor({ variants }, 'Raspberry Pi 4')).toBe(variant);
    expect(variantFor({ variants }, 'Jetson Orin Nano')).toBe(other);
    expect(variantFor({ variants }, null)).toBe(other);
    expect(variantFor({ variants: { 'Raspberry Pi 4': variant } }, 'constructor')).toBeUndefined();
    expect(variantFor({ variant }, null)).toBe(variant);
  });
});

describe('the sizes of phases', () => {
  it.each([
    ['one canary, a tenth, half, all', [{ count: 1 }, { percent: 10 }, { percent: 50 }, { percent: 100 }], 200, [1, 19, 80, 100]],
    ['a small fleet', [{ count: 1 }, { percent: 10 }, { percent: 50 }, { percent: 100 }], 3, [1, 0, 1, 1]],
    ['one device', [{ count: 1 }, { percent: 100 }], 1, [1, 0]],
    ['counts that add up', [{ count: 2 }, { count: 3 }, { count: 1 }], 10, [2, 3, 5]],
    ['the last one takes what is left', [{ percent: 20 }, { percent: 60 }], 10, [2, 8]],
    ['nobody', [{ count: 1 }, { percent: 100 }], 0, [0, 0]],
  ])('%s', (_, phases, total, sizes) => {
    expect(phaseSizes(phases, total)).toEqual(sizes);
  });

  it('sum to the target set, whatever the phases', () => {
    const phase = fc.oneof(
      fc.record({ count: fc.integer({ min: 1, max: 50 }) }),
      fc.record({ percent: fc.double({ min: 0.1, max: 100, noNaN: true }) }),
    );
    fc.assert(
      fc.property(fc.array(phase, { minLength: 1, maxLength: 20 }), fc.nat(500), (phases, total) => {
        const sizes = phaseSizes(phases, total);
        expect(sizes.every((size) => size >= 0)).toBe(true);
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(total);
      }),
    );
  });
});
