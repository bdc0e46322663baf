import { describe, expect, it } from 'vitest';
import { variant } from './test-facts.ts';
import { namesApart } from './variant-facts.ts';

describe('namesApart', () => {
  it('tells two precisions of one network apart, and leaves other names short', () => {
    const float = variant({ id: 'a', alpha: 0.25, rho: 128 });
    const int8 = variant({ id: 'b', alpha: 0.25, rho: 128, precision: 'int8' });
    const other = variant({ id: 'c', alpha: 1, rho: 224 });
    const name = namesApart(new Map([float, int8, other].map((facts) => [facts.id, facts])));
    expect(['a', 'b', 'c', '0123456789'].map(name)).toEqual(['V1 0.25×128 f32', 'V1 0.25×128 int8', 'V1 1.0×224', '01234567']);
  });
});
