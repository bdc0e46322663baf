/** @file From a signed desired state to what this device is to be, or to the reason why it is not followed: a pure decision. */
import { AlpharhoError, type DeviceId, type DevicePolicy, type ManifestBody, type Signed } from '@alpharho/protocol';
import { type KeySet, openSigned } from './key-set.ts';
import type { Signatures } from './ports.ts';

/** A desired state that may be followed. */
export type Wanted = {
  readonly revision: number;
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** What the variant's file is, by the word of a release key. */
  readonly manifest: ManifestBody;
  readonly url: string;
  readonly policy: DevicePolicy;
  /** To be fetched, and not to run yet. */
  readonly hold: boolean;
  /** May be tried though it failed here before. */
  readonly pardon: boolean;
};

export type DoorContext = {
  readonly device: DeviceId;
  readonly keys: KeySet;
  readonly signatures: Signatures;
  /** What time it is at least, by all that is known: milliseconds since 1970. */
  readonly now: number;
};

/**
 * @throws AlpharhoError key_unknown, key_retired, key_role, signature_invalid (of the desired state or of its manifest), wrong_device,
 * desired_expired, url_refused, payload_invalid and its kin
 */
export function openDesired(signed: Signed, { device, keys, signatures, now }: DoorContext): Wanted {
  const body = openSigned('desired', signed, keys, signatures);
  const { revision, issuedAt, expiresAt, url, policy } = body;
  if (body.device !== device) {
    throw new AlpharhoError('wrong_device', `desired state ${revision} is for ${body.device}, this device is ${device}; it is ignored`);
  }
  checkUrl(url);
  const manifest = openSigned('manifest', body.manifest, keys, signatures);
  if (now >= expiresAt) throw expired(revision, expiresAt);
  return { revision, issuedAt, expiresAt, manifest, url, policy, hold: body.hold === true, pardon: body.pardon === true };
}

/** What a device says whose desired state nobody has renewed. */
export function expired(revision: number, expiresAt: number): AlpharhoError {
  const time = `${new Date(expiresAt).toISOString().slice(0, 16)}Z`;
  const message = `desired state ${revision} has expired at ${time}: what serves goes on, nothing new is begun until the hub renews it`;
  return new AlpharhoError('desired_expired', message);
}

/** Segments that lead elsewhere, also where they are written in a way that is read only further on. */
const climbs = /\/(\.|%2e){1,2}(\/|$)/i;
const foreign = /[\\\s]|%(00|2f|5c)/i;

/** A path stands on the hub's own address, and nothing in it may lead anywhere else; an address carries no user. */
function checkUrl(url: string): void {
  const why = faultOfUrl(url);
  if (why === undefined) return;
  throw new AlpharhoError('url_refused', `the address of the variant's file ${why}; expected a plain http(s) address or path`);
}

function faultOfUrl(url: string): string | undefined {
  const [path = ''] = url.replace(/^https?:\/\/[^/?#]*/, '').split(/[?#]/, 1);
  if (foreign.test(path)) return 'has characters in its path that do not belong there';
  if (climbs.test(path)) return 'climbs out of its folder';
  if (url.startsWith('/')) return undefined;
  if (!URL.canParse(url)) return 'cannot be read';
  const { username, password } = new URL(url);
  return username === '' && password === '' ? undefined : 'carries a user or a password';
}
