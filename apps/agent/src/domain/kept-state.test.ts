import { initialUpdateState, reduce, updatePolicyOf } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { onWire, quickPolicy, variant } from '../../test/support/variants.ts';
import { countDeath, type KeptState, keep, keptStateSchema, nothingKept, pardon, quarantine, quarantineOf } from './kept-state.ts';

const b = variant('b');

describe('what is written down', () => {
  it('is what the machine knows of the latest desired state, beside the committed variant', () => {
    const kept: KeptState = { ...nothingKept, committed: onWire(variant('a')), outcome: { code: 'ok' } };
    const state = reduce(
      initialUpdateState('a'.repeat(64)),
      { type: 'desired', revision: 7, sha256: b.sha256 },
      updatePolicyOf(quickPolicy),
    );
    const next = keep(kept, state);
    expect(next).toEqual({ v: 1, revision: 7, target: b.sha256, committed: onWire(variant('a')) });
    expect(keptStateSchema.parse(JSON.parse(JSON.stringify(next)))).toEqual(next);
  });
});

describe('a process that died while it tried a variant', () => {
  const trying: KeptState = { ...nothingKept, revision: 1, target: b.sha256, trying: { sha256: b.sha256, deaths: 0 } };

  it('may try it again, but not for ever', () => {
    const once = countDeath(trying, 5);
    const twice = countDeath(once, 5);
    expect(once.trying?.deaths).toBe(1);
    expect(twice.trying?.deaths).toBe(2);
    const thrice = countDeath(twice, 5);
    expect(thrice.trying).toBeUndefined();
    expect(thrice.outcome).toMatchObject({ code: 'refused', error: { code: 'warmup_failed' } });
    expect(thrice.quarantine).toEqual([{ sha256: b.sha256, code: 'warmup_failed', at: 5 }]);
  });

  it('is not held against another variant', () => {
    expect(countDeath({ ...trying, target: 'c'.repeat(64) }, 5)).toEqual({ v: 1, revision: 1, target: 'c'.repeat(64) });
  });
});

describe('the quarantine', () => {
  const kept = quarantine(nothingKept, { sha256: b.sha256, code: 'probation_failed', at: 1 });

  it('names a variant until it is pardoned', () => {
    expect(quarantineOf(kept, b.sha256)).toMatchObject({ code: 'quarantined', message: expect.stringContaining('probation_failed') });
    expect(quarantineOf(kept, 'c'.repeat(64))).toBeUndefined();
    expect(pardon(kept, 'c'.repeat(64))).toEqual(kept);
    expect(pardon(kept, b.sha256)).toEqual(nothingKept);
  });

  it('holds each variant once, the latest first, and lets the oldest go', () => {
    let many = kept;
    for (let index = 0; index < 60; index += 1) {
      many = quarantine(many, { sha256: index.toString(16).padStart(64, '0'), code: 'warmup_failed', at: index });
    }
    many = quarantine(many, { sha256: '30'.padStart(64, '0'), code: 'shadow_slow', at: 99 });
    expect(many.quarantine).toHaveLength(50);
    expect(many.quarantine?.[0]).toMatchObject({ code: 'shadow_slow', at: 99 });
    expect(quarantineOf(many, b.sha256)).toBeUndefined();
    expect(keptStateSchema.parse(JSON.parse(JSON.stringify(many)))).toEqual(many);
  });
});
