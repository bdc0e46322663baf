/** @file Variants for tests that need no model file. */
import type { VariantInfo } from '@alpharho/mobilenet-core';
import type { Desired, Variant } from '@alpharho/protocol';

/** A variant whose digest is `digit` sixty-four times. */
export function variant(digit: string, rho = 32): VariantInfo {
  return {
    sha256: digit.repeat(64),
    bytes: 1000,
    family: 'v1',
    alpha: 0.25,
    rho,
    rhos: [rho],
    precision: 'float32',
    classes: 2,
    weights: 'random',
    labels: ['yes', 'no'],
    preprocessing: { crop: 0.875, resize: 'bilinear' },
  };
}

export function onWire({ labels: _labels, preprocessing: _preprocessing, rhos: _rhos, ...rest }: VariantInfo): Variant {
  return rest;
}

export function desiredOf(wanted: VariantInfo, revision: number): Desired {
  return { v: 1, revision, issuedAt: 1, variant: onWire(wanted), url: `/models/${wanted.sha256}` };
}
