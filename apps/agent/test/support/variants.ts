/** @file Variants for tests that need no model file. */
import type { VariantInfo } from '@alpharho/mobilenet-core';
import { type DesiredBody, type DevicePolicy, devicePolicySchema, type ManifestBody, type Signed, type Variant } from '@alpharho/protocol';
import { hubKeys, sha256, signDocument, type TestKey } from './signing.ts';

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

/** The fewest frames that a policy can ask for: tests of updates that are about something else. */
export const quickPolicy: DevicePolicy = devicePolicySchema.parse({ shadow: { frames: 0 }, probation: { frames: 10 } });

/** When everything in tests was issued, unless they say otherwise. */
export const issuedAt = 1_767_225_600_000;

export const testDevice = 'pi-4';

export type Terms = Partial<Omit<DesiredBody, 'v' | 'manifest' | 'revision'>> & {
  readonly manifest?: Partial<ManifestBody>;
  /** In the place of the hub's release key. */
  readonly manifestBy?: TestKey;
  /** What travels in the place of what was signed. */
  readonly manifestText?: string;
};

export function manifestOf(wanted: VariantInfo, differs: Partial<ManifestBody> = {}): ManifestBody {
  const { rhos } = wanted;
  return {
    v: 1,
    variant: onWire(wanted),
    labels: sha256(JSON.stringify(wanted.labels)),
    ...(rhos.length > 1 && { rhos: [...rhos] }),
    signedAt: issuedAt,
    ...differs,
  };
}

export function desiredBodyOf(wanted: VariantInfo, revision: number, terms: Terms = {}): DesiredBody {
  const { manifest, manifestBy = hubKeys.release, manifestText, ...others } = terms;
  const signed = signDocument('manifest', manifestOf(wanted, manifest), manifestBy);
  return {
    v: 2,
    device: testDevice,
    revision,
    issuedAt,
    expiresAt: issuedAt + 100 * 365 * 86_400_000,
    manifest: manifestText === undefined ? signed : { ...signed, body: manifestText },
    url: `/models/${wanted.sha256}`,
    policy: quickPolicy,
    ...others,
  };
}

/** Signed, as the hub that `hubKeys` stand for sends it. */
export function desiredOf(wanted: VariantInfo, revision: number, terms?: Terms): Signed {
  return signDocument('desired', desiredBodyOf(wanted, revision, terms), hubKeys.desired);
}
