import { initialUpdateState, reduce } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { desiredOf, onWire, variant } from '../../test/support/variants.ts';
import { contradiction, decide, failureCode, updatePolicy } from './reconcile.ts';

const [a, b, c] = [variant('a'), variant('b'), variant('c')];
const serving = initialUpdateState(a.sha256);

describe('what a desired state asks for', () => {
  it('is work where another variant is wanted, and also while one is under way', () => {
    const first = decide(serving, desiredOf(b, 1));
    expect(first).toMatchObject({ kind: 'start', state: { phase: 'downloading', target: b.sha256 } });
    if (first.kind !== 'start') return;
    expect(decide(first.state, desiredOf(c, 2))).toMatchObject({ kind: 'start', state: { target: c.sha256 } });
  });

  it('is nothing where it is known, or older than what is known', () => {
    const state = reduce(serving, { type: 'desired', revision: 5, sha256: b.sha256 }, updatePolicy);
    expect(decide(state, desiredOf(b, 5)).kind).toBe('known');
    expect(decide(state, desiredOf(c, 4)).kind).toBe('stale');
  });

  it('is satisfied where the variant serves, and adopted where it is on its way', () => {
    expect(decide(serving, desiredOf(a, 1))).toMatchObject({ kind: 'satisfied', state: { phase: 'committed' } });
    const state = reduce(serving, { type: 'desired', revision: 1, sha256: b.sha256 }, updatePolicy);
    expect(decide(state, desiredOf(b, 2))).toMatchObject({ kind: 'adopted', state: { phase: 'downloading', revision: 2 } });
  });
});

describe('a file against what was promised', () => {
  it('names the field that differs', () => {
    expect(contradiction(onWire(a), a)).toBeUndefined();
    expect(contradiction(onWire(a), { ...a, rho: 224 })).toBe('the file says rho 224, the desired state says 32');
    expect(contradiction(onWire(a), { ...a, weights: 'trained' })).toContain('weights trained');
  });
});

describe('a failure before anything changed', () => {
  it('is final where the same bytes would fail again, and retried otherwise', () => {
    expect(failureCode('digest_mismatch')).toBe('refused');
    expect(failureCode('model_not_variant')).toBe('refused');
    expect(failureCode('download_failed')).toBe('failed_no_change');
    expect(failureCode('disk_full')).toBe('failed_no_change');
  });
});
