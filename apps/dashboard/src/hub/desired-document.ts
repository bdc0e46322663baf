/** @file What a device is to be, as the signed document that it gets. Pure but for the signature. */
import type { Device, Variant } from '@alpharho/db';
import { AlpharhoError, type DesiredBody, desiredValidityMs, devicePolicySchema, encodeBody, type Signed } from '@alpharho/protocol';
import { type PrivateKey, signBody } from '../server/keys/ed25519.ts';
import { readManifest } from '../server/keys/manifest.ts';

/** All but the times: two documents with the same content say the same. */
export type DesiredContent = Omit<DesiredBody, 'issuedAt' | 'expiresAt'>;

type Intent = Pick<Device, 'id' | 'desiredRevision' | 'desiredPolicy' | 'desiredHold' | 'desiredPardon'>;

/** @throws AlpharhoError variant_unsigned; ZodError where the row holds a policy that the wire has no words for */
export function desiredContent(device: Intent, variant: Pick<Variant, 'id' | 'manifest'>, publicUrl: string | undefined): DesiredContent {
  if (variant.manifest === null) {
    const advice = '"alpharho variants sign" signs it, "alpharho variants add" takes the manifest in';
    throw new AlpharhoError('variant_unsigned', `variant ${variant.id.slice(0, 12)} has no signed manifest; ${advice}`);
  }
  return {
    v: 2,
    device: device.id,
    revision: device.desiredRevision,
    manifest: readManifest(variant.manifest),
    url: `${publicUrl ?? ''}/models/${variant.id}`,
    policy: devicePolicySchema.parse(device.desiredPolicy === null ? {} : JSON.parse(device.desiredPolicy)),
    ...(device.desiredHold && { hold: true as const }),
    ...(device.desiredPardon && { pardon: true as const }),
  };
}

/** Good for a week from `now` on. */
export function signDesired(content: DesiredContent, key: PrivateKey, now: number): Signed {
  return signBody('desired', encodeBody('desired', { ...content, issuedAt: now, expiresAt: now + desiredValidityMs }), key);
}
