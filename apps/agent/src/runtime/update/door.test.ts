import type { Signed } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { hubKeySet, hubKeys, keySet, newKey, signDocument, signText } from '../../../test/support/signing.ts';
import { desiredBodyOf, desiredOf, issuedAt, manifestOf, type Terms, variant } from '../../../test/support/variants.ts';
import { openDesired } from '../../domain/desired-door.ts';
import { acceptKeys, type KeySet } from '../../domain/key-set.ts';
import { signatures } from '../../io/system/signatures.ts';

const a = variant('a');
const { release, desired } = hubKeys;
const stranger = newKey('desired');
const retired = newKey('desired');
const keys = acceptKeys(undefined, keySet(1, [release, desired, retired], [release], [retired.id]), signatures);
const open = (signed: Signed, now = issuedAt + 1000) => openDesired(signed, { device: 'pi-4', keys, signatures, now });
const fresh = (terms: Terms = {}) => desiredOf(a, 7, { expiresAt: issuedAt + 10_000, ...terms });

/** Signed by the right key all the same: what an attacker has who got hold of it for a moment, or a hub that is wrong. */
const withBody = (change: (text: string) => string): Signed => signText('desired', change(fresh().body), desired);

describe('a desired state that is in order', () => {
  it('says what the device is to be', () => {
    expect(open(fresh({ hold: true }))).toMatchObject({
      revision: 7,
      issuedAt,
      manifest: { variant: { sha256: a.sha256 } },
      url: `/models/${a.sha256}`,
      hold: true,
      pardon: false,
    });
  });

  it.each(['/models/x', '/hub/models/a%20b?sig=AKIA%2Fus-east%2F..', 'https://cdn.example:8443/models/..x/y?x=1'])(
    'may fetch from %s',
    (url) => {
      expect(open(fresh({ url })).url).toBe(url);
    },
  );
});

describe('the door', () => {
  const flip = (text: string, at: number): string => {
    const bytes = Buffer.from(text, 'base64');
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return bytes.toString('base64');
  };
  const mixed = manifestOf(a);

  const attacks: [name: string, code: string, message: () => Signed][] = [
    ['arbitrary software: nobody signed it', 'key_unknown', () => ({ ...fresh(), keyId: '0123456789abcdef' })],
    ['arbitrary software: a stranger signed it', 'key_unknown', () => signDocument('desired', desiredBodyOf(a, 7), stranger)],
    ['arbitrary software: a stranger signed the variant', 'key_unknown', () => fresh({ manifestBy: newKey('release') })],
    [
      "a stranger's signature under a known name",
      'signature_invalid',
      () => ({ ...signText('desired', fresh().body, stranger), keyId: desired.id }),
    ],
    ['a flipped bit in the signature', 'signature_invalid', () => ({ ...fresh(), signature: flip(fresh().signature, 20) })],
    ['a changed text', 'signature_invalid', () => ({ ...fresh(), body: fresh().body.replace('"revision":7', '"revision":8') })],
    ['one more blank in the text', 'signature_invalid', () => ({ ...fresh(), body: `${fresh().body} ` })],
    ['a retired key', 'key_retired', () => signDocument('desired', desiredBodyOf(a, 7), retired)],
    ['a release key in the place of the desired one', 'key_role', () => signDocument('desired', desiredBodyOf(a, 7), release)],
    ['a variant that the hub alone vouches for', 'key_role', () => fresh({ manifestBy: desired })],
    [
      'a signature of another kind of document',
      'signature_invalid',
      () => ({ ...signText('manifest', fresh().body, { ...release, id: desired.id }), keyId: desired.id }),
    ],
    ['a desired state for another device', 'wrong_device', () => fresh({ device: 'pi-5' })],
    ['an expired one', 'desired_expired', () => fresh({ expiresAt: issuedAt + 1000 })],
    [
      'mix-and-match: the manifest of one variant, changed to name the bytes of another',
      'signature_invalid',
      () => fresh({ manifestText: JSON.stringify({ ...mixed, variant: { ...mixed.variant, sha256: 'b'.repeat(64) } }) }),
    ],
    ['a path with a way up', 'url_refused', () => fresh({ url: '/models/../../etc/passwd' })],
    ['a path with a hidden way up', 'url_refused', () => fresh({ url: '/models/%2e%2E/keys' })],
    ['a path with a hidden slash', 'url_refused', () => fresh({ url: '/models/..%2fkeys' })],
    ['a path with a backslash', 'url_refused', () => fresh({ url: '/\\evil.example/x' })],
    ['a path with a null byte', 'url_refused', () => fresh({ url: '/models/x%00.onnx' })],
    ['an address with a user', 'url_refused', () => fresh({ url: 'http://hub.example@evil.example/x' })],
    ['an address with a way up', 'url_refused', () => fresh({ url: 'http://hub.example/models/../admin' })],
    ['an address without a host', 'url_refused', () => fresh({ url: 'http://' })],
    ['a path that is a host', 'payload_invalid', () => withBody((text) => text.replace('"/models/', '"//evil.example/'))],
    ['a file of this machine', 'payload_invalid', () => withBody((text) => text.replace('"/models/', '"file:///models/'))],
    ['a digest that is a path', 'signature_invalid', () => withBody((text) => text.replaceAll(`\\"${'a'.repeat(64)}`, '\\"../../../x'))],
    ['the version before', 'version_unsupported', () => withBody((text) => text.replace('"v":2', '"v":1'))],
    ['a text that is no JSON', 'payload_not_json', () => withBody((text) => text.slice(0, -1))],
  ];

  it.each(attacks)('refuses %s (%s)', (_name, code, message) => {
    expect(() => open(message())).toThrow(expect.objectContaining({ name: 'AlpharhoError', code }));
  });
});

describe('key sets', () => {
  const next = newKey('release');
  const all = [release, desired, next];
  const pinned = acceptKeys(undefined, hubKeySet, signatures);
  const refuses = (message: Parameters<typeof acceptKeys>[1], code: string, from: KeySet | undefined) =>
    expect(() => acceptKeys(from, message, signatures)).toThrow(expect.objectContaining({ code }));

  it('are replaced by newer ones that the set before vouches for', () => {
    const second = acceptKeys(pinned, keySet(2, all, [release]), signatures);
    expect(second.version).toBe(2);
    const third = acceptKeys(second, keySet(3, all, [newKey('release'), next], [release.id]), signatures);
    expect(third.version).toBe(3);
    expect(acceptKeys(third, keySet(5, all, [next]), signatures).version).toBe(5);
  });

  it('are the same where their text is, whoever signed it', () => {
    expect(acceptKeys(pinned, hubKeySet, signatures)).toBe(pinned);
    expect(acceptKeys(pinned, { ...hubKeySet, signatures: [] }, signatures)).toBe(pinned);
  });

  it('are refused where an old key signs them, or one that may not', () => {
    const second = acceptKeys(pinned, keySet(2, all, [release], [release.id]), signatures);
    refuses(keySet(3, all, [release]), 'key_retired', second);
    refuses(keySet(2, all, [next]), 'key_unknown', pinned);
    refuses(keySet(2, all, [desired]), 'key_role', pinned);
    refuses({ ...keySet(2, all, [release]), body: keySet(3, all, [release]).body }, 'signature_invalid', pinned);
  });

  it('are refused where they are older, or others under the same number', () => {
    const second = acceptKeys(pinned, keySet(2, all, [release]), signatures);
    refuses(hubKeySet, 'keys_stale', second);
    refuses(keySet(2, [release, desired], [release]), 'keys_stale', second);
  });

  it('are refused as the first one where no key of their own vouches for them, or an id is not that of its key', () => {
    refuses(keySet(1, [release, desired], [next]), 'key_unknown', undefined);
    refuses(keySet(1, [release, desired], [desired]), 'key_role', undefined);
    refuses(keySet(1, [{ ...release, id: 'f'.repeat(16) }, desired], [release]), 'payload_invalid', undefined);
  });
});
