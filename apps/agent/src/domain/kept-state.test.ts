import { initialUpdateState, reduce } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { onWire, variant } from '../../test/support/variants.ts';
import { countDeath, type KeptState, keep, keptStateSchema, nothingKept } from './kept-state.ts';
import { updatePolicy } from './reconcile.ts';

const b = variant('b');

describe('what is written down', () => {
  it('is what the machine knows of the latest desired state, beside the committed variant', () => {
    const kept: KeptState = { ...nothingKept, committed: onWire(variant('a')), outcome: { code: 'ok' } };
    const state = reduce(initialUpdateState('a'.repeat(64)), { type: 'desired', revision: 7, sha256: b.sha256 }, updatePolicy);
    const next = keep(kept, state);
    expect(next).toEqual({ v: 1, revision: 7, target: b.sha256, committed: onWire(variant('a')) });
    expect(keptStateSchema.parse(JSON.parse(JSON.stringify(next)))).toEqual(next);
  });
});

describe('a process that died while it tried a variant', () => {
  const trying: KeptState = { ...nothingKept, revision: 1, target: b.sha256, trying: { sha256: b.sha256, deaths: 0 } };

  it('may try it again, but not for ever', () => {
    const once = countDeath(trying);
    const twice = countDeath(once);
    expect(once.trying?.deaths).toBe(1);
    expect(twice.trying?.deaths).toBe(2);
    const thrice = countDeath(twice);
    expect(thrice.trying).toBeUndefined();
    expect(thrice.outcome).toMatchObject({ code: 'refused', error: { code: 'warmup_failed' } });
  });

  it('is not held against another variant', () => {
    expect(countDeath({ ...trying, target: 'c'.repeat(64) })).toEqual({ v: 1, revision: 1, target: 'c'.repeat(64) });
  });
});
