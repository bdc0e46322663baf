import { initialUpdateState, reduce, updatePolicyOf } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../test/support/signing.ts';
import { manifestOf, quickPolicy, variant } from '../../test/support/variants.ts';
import { contradiction, decide, failureCode, limitOf } from './reconcile.ts';

const [a, b, c] = [variant('a'), variant('b'), variant('c')];
const serving = initialUpdateState(a.sha256);
const asked = (wanted: typeof a, revision: number, issuedAt = 100) => ({
  revision,
  issuedAt,
  policy: quickPolicy,
  manifest: manifestOf(wanted),
});
const policy = updatePolicyOf(quickPolicy);

describe('what a desired state asks for', () => {
  it('is work where another variant is wanted, and also while one is under way', () => {
    const first = decide(serving, asked(b, 1), undefined, undefined);
    expect(first).toMatchObject({ kind: 'start', state: { phase: 'downloading', target: b.sha256 } });
    if (first.kind !== 'start') return;
    expect(decide(first.state, asked(c, 2), 100, undefined)).toMatchObject({ kind: 'start', state: { target: c.sha256 } });
  });

  it('is nothing where it is known, also in a newer copy', () => {
    const state = reduce(serving, { type: 'desired', revision: 5, sha256: b.sha256 }, policy);
    expect(decide(state, asked(b, 5), 100, undefined).kind).toBe('known');
    expect(decide(state, asked(b, 5, 200), 100, undefined).kind).toBe('known');
  });

  it('is stale where an older one comes again, another variant under a known number, or an older copy', () => {
    const state = reduce(serving, { type: 'desired', revision: 5, sha256: b.sha256 }, policy);
    expect(decide(state, asked(c, 4), 100, undefined)).toMatchObject({ kind: 'stale', why: expect.stringContaining('older than 5') });
    expect(decide(state, asked(c, 5), 100, undefined)).toMatchObject({ kind: 'stale', why: expect.stringContaining('another variant') });
    expect(decide(state, asked(b, 5, 99), 100, undefined)).toMatchObject({ kind: 'stale', why: expect.stringContaining('newer copy') });
  });

  it('is satisfied where the variant serves, and adopted where it is on its way', () => {
    expect(decide(serving, asked(a, 1), undefined, undefined)).toMatchObject({ kind: 'satisfied', state: { phase: 'committed' } });
    const state = reduce(serving, { type: 'desired', revision: 1, sha256: b.sha256 }, policy);
    expect(decide(state, asked(b, 2), 100, undefined)).toMatchObject({ kind: 'adopted', state: { phase: 'downloading', revision: 2 } });
  });

  it('is not even tried where something speaks against the variant, and the number counts all the same', () => {
    const refused = { code: 'quarantined', message: 'it failed here' } as const;
    expect(decide(serving, asked(b, 3), 100, refused)).toMatchObject({
      kind: 'refused',
      state: { phase: 'failed', revision: 3, outcome: { code: 'refused', error: refused } },
    });
  });
});

describe('a file against its manifest', () => {
  const labels = sha256(JSON.stringify(a.labels));
  const many = { ...a, rhos: [32, 24] };

  it('names the field that differs', () => {
    expect(contradiction(manifestOf(a), a, labels)).toBeUndefined();
    expect(contradiction(manifestOf(many), many, labels)).toBeUndefined();
    expect(contradiction(manifestOf(a), { ...a, rho: 224 }, labels)).toBe('the file says rho 224, its manifest says 32');
  });

  it.each([
    ['family', { ...a, family: 'v2' as const }],
    ['alpha', { ...a, alpha: 0.5 }],
    ['rho', { ...a, rho: 64 }],
    ['precision', { ...a, precision: 'int8' as const }],
    ['classes', { ...a, classes: 3 }],
    ['weights', { ...a, weights: 'trained' as const }],
    ['serves', { ...a, rhos: [32, 24] }],
  ])('mixes no variants: %s', (name, found) => {
    expect(contradiction(manifestOf(a), found, labels)).toContain(name);
  });

  it('mixes no labels', () => {
    expect(contradiction(manifestOf(a), a, sha256('["no","yes"]'))).toContain('labels');
  });
});

describe('a failure before anything changed', () => {
  it('is final where the same bytes would fail again, and retried otherwise', () => {
    for (const code of ['digest_mismatch', 'model_not_variant', 'shadow_slow', 'warmup_failed'] as const) {
      expect(failureCode(code)).toBe('refused');
    }
    for (const code of ['download_failed', 'disk_full', 'step_timeout', 'memory_short', 'download_too_slow', 'download_endless'] as const) {
      expect(failureCode(code)).toBe('failed_no_change');
    }
  });
});

describe('the time of a phase', () => {
  it('is that of its policy', () => {
    const of = (phase: Parameters<typeof limitOf>[0]) => limitOf(phase, quickPolicy);
    expect([of('downloading'), of('warming'), of('switching')]).toEqual(Array(3).fill(quickPolicy.step.ms));
    expect(of('shadowing')).toBe(quickPolicy.shadow.withinMs);
    expect(of('probation')).toBe(quickPolicy.probation.withinMs);
  });
});
