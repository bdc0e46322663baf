import { createHash, createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { examples } from './asyncapi/examples.ts';
import { defaultDevicePolicy } from './device-policy.ts';
import { isAlpharhoError } from './errors.ts';
import { keyIdOf, maxBodyChars, publicKeySchema, type Signed, signatureSchema, signedBytes } from './signed.ts';
import { type BodyOf, decodeBody, encodeBody } from './signed-bodies.ts';

const at = 1_798_761_600_000;
const digest = 'a'.repeat(64);

const manifest = { v: 1, keyId: '0'.repeat(16), signature: `${'A'.repeat(86)}==`, body: '{}' } as const satisfies Signed;
const wanted = {
  v: 2,
  device: 'pi-4',
  revision: 7,
  issuedAt: at,
  expiresAt: at + 1,
  manifest,
  url: `/models/${digest}`,
} as const;

const key = (id: string, more: object = {}): BodyOf<'keys'>['keys'][number] => ({
  id: id.repeat(16),
  role: 'release',
  publicKey: `${'A'.repeat(43)}=`,
  ...more,
});

const problemOf = (kind: 'desired' | 'manifest' | 'keys', document: object): string => {
  const decoded = decodeBody(kind, JSON.stringify(document));
  return decoded.ok ? 'none' : decoded.message;
};

describe('what is signed', () => {
  it('is the text itself under a prefix that names its kind', () => {
    expect(Buffer.from(signedBytes('desired', '{"α":1}'))).toEqual(Buffer.from('alpharho/desired/1\n{"α":1}', 'utf8'));
  });

  it("is the documented example's text, by the key whose id it names", () => {
    const { body, signatures } = examples.keys;
    const set = decodeBody('keys', body);
    if (!set.ok) throw new Error(set.message);
    const [first] = set.value.keys;
    const raw = Buffer.from(first!.publicKey, 'base64');
    expect(keyIdOf(createHash('sha256').update(raw).digest('hex'))).toBe(first!.id);
    expect(signatures[0]!.keyId).toBe(first!.id);
    const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]);
    const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    const signature = Buffer.from(signatures[0]!.signature, 'base64');
    expect(verify(null, signedBytes('keys', body), publicKey, signature)).toBe(true);
    expect(verify(null, signedBytes('manifest', body), publicKey, signature)).toBe(false);
  });

  it.each(['', 'AAAA', 'A'.repeat(88), `${'A'.repeat(85)}B==`, `${'A'.repeat(86)}==\n`, `-${'A'.repeat(85)}==`])(
    'has no signature like %j: each has one way to be written',
    (text) => {
      expect(signatureSchema.safeParse(text).success).toBe(false);
    },
  );

  it('has no key of another length', () => {
    expect(publicKeySchema.safeParse(Buffer.alloc(32, 7).toString('base64')).success).toBe(true);
    for (const bytes of [0, 31, 33, 64]) expect(publicKeySchema.safeParse(Buffer.alloc(bytes, 7).toString('base64')).success).toBe(false);
  });
});

describe('a desired state', () => {
  it('needs no policy: the careful one holds', () => {
    const decoded = decodeBody('desired', JSON.stringify(wanted));
    expect(decoded).toEqual({ ok: true, value: { ...wanted, policy: defaultDevicePolicy } });
    expect(defaultDevicePolicy).toEqual({
      shadow: { frames: 100, minAgreement: 0.3, withinMs: 600_000 },
      probation: { frames: 30, withinMs: 300_000 },
      step: { ms: 300_000 },
    });
  });

  it('keeps the defaults of what a policy does not say', () => {
    const decoded = decodeBody('desired', JSON.stringify({ ...wanted, policy: { shadow: { frames: 0 } } }));
    expect(decoded).toMatchObject({ value: { policy: { ...defaultDevicePolicy, shadow: { ...defaultDevicePolicy.shadow, frames: 0 } } } });
  });

  it.each([
    ['of the unsigned version', { v: 1 }, 'desired: version 1, expected 2'],
    ['that has expired when it is issued', { expiresAt: at }, 'desired: expiresAt: expected a time after issuedAt'],
    ['without a number', { revision: 0 }, 'desired: revision: Too small'],
    ['for a name that leaves its topic', { device: '../pi' }, 'desired: device: a device id is'],
    ["from another host's path", { url: '//elsewhere/models' }, 'desired: url: expected an http(s) URL or a path that starts with one "/"'],
    ['from a file of the device', { url: 'file:///etc/passwd' }, 'desired: url: expected an http(s) URL'],
    ['with more shadow frames than a device takes', { policy: { shadow: { frames: 5001 } } }, 'desired: policy.shadow.frames: Too big'],
    ['with a manifest of no signature', { manifest: { ...manifest, signature: undefined } }, 'desired: manifest.signature: '],
  ])('%s is refused', (_, change, message) => {
    expect(problemOf('desired', { ...wanted, ...change })).toContain(message);
  });
});

describe('a key set', () => {
  const set = { v: 1, version: 1, issuedAt: at, keys: [key('a'), key('b', { role: 'desired' })] };

  it('has each key once', () => {
    expect(problemOf('keys', set)).toBe('none');
    expect(problemOf('keys', { ...set, keys: [key('a'), key('b'), key('a')] })).toBe('keys: keys.2.id: expected each key once');
  });

  it('has a release key that can sign the next one', () => {
    expect(problemOf('keys', { ...set, keys: [key('a', { retired: true }), key('b', { role: 'desired' })] })).toContain('release key');
  });
});

describe('the text of a document', () => {
  it('is refused above its cap before it is read, and never written', () => {
    const long = 'x'.repeat(maxBodyChars.manifest + 1);
    expect(decodeBody('manifest', long)).toMatchObject({ ok: false, code: 'payload_too_large' });
    const many = { ...wanted, manifest: { ...manifest, body: '"'.repeat(maxBodyChars.manifest) }, url: `/${'"'.repeat(1999)}` };
    expect(encodeBody('desired', many).length).toBeLessThan(maxBodyChars.desired);
  });

  it('that is not JSON is refused in words', () => {
    expect(decodeBody('manifest', '{"v":1')).toEqual({
      ok: false,
      code: 'payload_not_json',
      message: 'manifest: the signed text is not JSON',
    });
  });

  it('that the other side would refuse is a fault of the caller', () => {
    let caught: unknown;
    try {
      encodeBody('desired', { ...wanted, revision: -1 });
    } catch (error) {
      caught = error;
    }
    expect(isAlpharhoError(caught, 'payload_invalid')).toBe(true);
  });
});
