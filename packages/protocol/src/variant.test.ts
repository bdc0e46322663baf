import { describe, expect, it } from 'vitest';
import { familySchema, formatAlpha, precisionName, precisionSchema, variantLabel, variantName } from './variant.ts';

describe('the name of a variant', () => {
  it.each([
    [{ family: 'v1', alpha: 0.25, rho: 128 }, 'V1 0.25×128'],
    [{ family: 'v1', alpha: 1, rho: 224 }, 'V1 1.0×224'],
    [{ family: 'v2', alpha: 0.35, rho: 96 }, 'V2 0.35×96'],
    [{ family: 'v2', alpha: 1.4, rho: 224 }, 'V2 1.4×224'],
    [{ family: 'v3-large-minimalistic', alpha: 1, rho: 224 }, 'V3 Large min 1.0×224'],
    [{ family: 'other', alpha: 1, rho: 299 }, 'Other 1.0×299'],
  ] as const)('%j is %s', (variant, name) => {
    expect(variantName(variant)).toBe(name);
  });

  it('tells two precisions of one network apart where it carries them', () => {
    const network = { family: 'v1', alpha: 0.25, rho: 128 } as const;
    expect(variantLabel({ ...network, precision: 'float32' })).toBe('V1 0.25×128 f32');
    expect(variantLabel({ ...network, precision: 'int8' })).toBe('V1 0.25×128 int8');
  });

  it('differs from family to family', () => {
    const names = familySchema.options.map((family) => variantName({ family, alpha: 1, rho: 224 }));
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('formatAlpha', () => {
  it.each([
    [1, '1.0'],
    [2, '2.0'],
    [0.5, '0.5'],
    [0.75, '0.75'],
    [0.1 + 0.2, '0.3'],
    [1.00001, '1.0'],
    [0.99999, '1.0'],
    [0.00001, '0.0'],
  ])('writes %d as %s', (alpha, text) => {
    expect(formatAlpha(alpha)).toBe(text);
  });
});

describe('precisionName', () => {
  it('is short', () => {
    expect(precisionSchema.options.map(precisionName)).toEqual(['f32', 'int8', 'uint8']);
  });
});
