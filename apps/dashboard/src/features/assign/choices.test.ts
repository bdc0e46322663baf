import { describe, expect, it } from 'vitest';
import { variant } from '@/lib/test-facts.ts';
import { variantChoices } from './choices.ts';
import { needsTyping } from './needs-typing.ts';

describe('variantChoices', () => {
  it('offers only what the hub holds, small to large', () => {
    const large = variant({ id: 'a', alpha: 1, rho: 224, multiplyAdds: 568_700_000 });
    const small = variant({ id: 'b', alpha: 0.25, rho: 128, multiplyAdds: 13_600_000 });
    const elsewhere = variant({ id: 'c', stored: false });
    expect(variantChoices([large, elsewhere, small], []).map(({ name, p95 }) => [name, p95])).toEqual([
      ['V1 0.25×128', '—'],
      ['V1 1.0×224', '—'],
    ]);
  });
});

describe('needsTyping', () => {
  it('asks for the number from the second device on, beyond a fifth of the fleet', () => {
    expect(needsTyping(1, 3)).toBe(false);
    expect(needsTyping(2, 3)).toBe(true);
    expect(needsTyping(2, 10)).toBe(false);
    expect(needsTyping(3, 10)).toBe(true);
  });
});
