import { createPublicKey, verify } from 'node:crypto';
import { decodeBody, desiredRenewalMs, desiredValidityMs, type Keys, type Signed } from '@alpharho/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, type TestDatabase, variantFile } from '../../test/support/files.ts';
import { openRegistry, type Registry } from '../server/registry.ts';
import { addVariant } from '../server/services/add-variant.ts';
import { assignVariant } from '../server/services/assign-variant.ts';
import { newKey, retireKey } from '../server/services/keys.ts';
import { DesiredPublisher } from './desired-publisher.ts';
import { KeysPublisher } from './keys-publisher.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const start = 1_800_000_000_000;

let database: TestDatabase;
let registry: Registry;
let variantId: string;
let now: number;
let published: { device: string; desired: Signed }[];
let publisher: DesiredPublisher;

function createPublisher(db = database.db): DesiredPublisher {
  const publish = async (device: string, desired: Signed) => void published.push({ device, desired });
  return new DesiredPublisher({ db, keys: registry.keys, publish, publicUrl: undefined, clock: () => now, logger: silent });
}

beforeEach(async () => {
  database = await createDatabase();
  registry = await openRegistry(database.db, { dataDir: database.folder });
  variantId = (await addVariant(registry, variantFile())).id;
  await database.db.device.createMany({ data: [{ id: 'a' }, { id: 'b' }] });
  now = start;
  published = [];
  publisher = createPublisher();
});
afterEach(() => database.close());

const give = (...deviceIds: string[]) => assignVariant(database.db, { deviceIds, variantId });
const activeKey = (role: string) =>
  database.db.signingKey.findFirstOrThrow({ where: { role, retiredAt: null }, orderBy: { createdAt: 'desc' } });

/** As a device would: with nothing but the raw public key. */
function verified(kind: string, { body, signature }: { body: string; signature: string }, publicKey: string): boolean {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey, 'base64').toString('base64url') };
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  return verify(null, Buffer.from(`alpharho/${kind}/1\n${body}`), key, Buffer.from(signature, 'base64'));
}

function bodyOf({ body }: Signed) {
  const decoded = decodeBody('desired', body);
  if (!decoded.ok) throw new Error(decoded.message);
  return decoded.value;
}

describe('DesiredPublisher', () => {
  it('signs what a device is to be, for this device alone, and with it the manifest that a release key signed', async () => {
    await give('a');
    await publisher.look();
    const [{ device, desired } = { device: '', desired: {} as Signed }] = published;
    const [desiredKey, release] = [await activeKey('desired'), await activeKey('release')];
    expect(device).toBe('a');
    expect(desired.keyId).toBe(desiredKey.id);
    expect(verified('desired', desired, desiredKey.publicKey)).toBe(true);
    expect(verified('desired', { ...desired, body: desired.body.replace('"device":"a"', '"device":"b"') }, desiredKey.publicKey)).toBe(
      false,
    );
    expect(verified('desired', desired, release.publicKey)).toBe(false);
    const body = bodyOf(desired);
    expect(body).toMatchObject({
      v: 2,
      device: 'a',
      revision: 1,
      issuedAt: start,
      expiresAt: start + desiredValidityMs,
      url: `/models/${variantId}`,
    });
    expect(verified('manifest', body.manifest, release.publicKey)).toBe(true);
    expect(decodeBody('manifest', body.manifest.body)).toMatchObject({ value: { variant: { sha256: variantId, alpha: 0.25, rho: 128 } } });
  });

  it('tells again only what changed, renews what grows old with the same revision, and begins anew with a new broker', async () => {
    await give('a', 'b');
    await publisher.look();
    await publisher.look();
    expect(published).toHaveLength(2);
    now += desiredRenewalMs - 1;
    await publisher.look();
    expect(published).toHaveLength(2);
    now += 1;
    await publisher.look();
    expect(published).toHaveLength(4);
    expect(bodyOf(published[3]!.desired)).toMatchObject({ revision: 1, issuedAt: now, expiresAt: now + desiredValidityMs });
    await createPublisher().look();
    expect(published).toHaveLength(6);
  });

  it('carries policy, hold and pardon, and tells a lifted hold without a new revision', async () => {
    await give('a');
    const policy = JSON.stringify({ shadow: { frames: 7 } });
    await database.db.device.update({ where: { id: 'a' }, data: { desiredHold: true, desiredPardon: true, desiredPolicy: policy } });
    await publisher.look();
    expect(bodyOf(published[0]!.desired)).toMatchObject({ hold: true, pardon: true, policy: { shadow: { frames: 7, minAgreement: 0.3 } } });
    await database.db.device.update({ where: { id: 'a' }, data: { desiredHold: false } });
    await database.db.change.update({ where: { topic: 'intent' }, data: { revision: { increment: 1 } } });
    await publisher.look();
    expect(bodyOf(published[1]!.desired)).toMatchObject({ revision: 1 });
    expect(bodyOf(published[1]!.desired).hold).toBeUndefined();
  });

  it('signs all anew when its key is replaced, and says what to do where the private part is gone', async () => {
    await give('a');
    await publisher.look();
    const old = await activeKey('desired');
    await registry.keys.remove(old.id);
    await expect(createPublisher().look()).rejects.toMatchObject({
      code: 'key_missing',
      message: expect.stringContaining('alpharho keys new --role desired'),
    });
    const made = await newKey(database.db, registry.keys, { role: 'desired' }, new Date(start + 1));
    await retireKey(database.db, registry.keys, { id: old.id }, new Date(start + 2));
    await publisher.look();
    expect(published.map(({ desired }) => desired.keyId)).toEqual([old.id, made.id]);
  });

  it('does not look again and again for a device that is gone', async () => {
    let reads = 0;
    const counted = new Proxy(database.db, {
      get: (db, name) => {
        if (name === 'device') reads += 1;
        return Reflect.get(db, name);
      },
    });
    publisher = createPublisher(counted);
    await give('a', 'b');
    await publisher.look();
    await database.db.device.delete({ where: { id: 'a' } });
    now += desiredRenewalMs;
    await publisher.look();
    expect(published.map(({ device }) => device)).toEqual(['a', 'b', 'b']);
    const before = reads;
    await publisher.look();
    expect(reads).toBe(before);
  });

  it('one device whose variant is not signed keeps no other waiting', async () => {
    await give('b');
    const { id: other } = await addVariant(registry, variantFile(2));
    await assignVariant(database.db, { deviceIds: ['a'], variantId: other });
    await database.db.variant.update({ where: { id: other }, data: { manifest: null } });
    await expect(publisher.look()).rejects.toMatchObject({
      message: expect.stringContaining('device a'),
      cause: { code: 'variant_unsigned' },
    });
    expect(published.map(({ device }) => device)).toEqual(['b']);
    // A moment later nothing is tried, so nothing works again either.
    await expect(publisher.look()).rejects.toMatchObject({ cause: { code: 'variant_unsigned' } });
  });
});

describe('KeysPublisher', () => {
  it('tells every device once, a new device when it comes, and all of them when the set changes', async () => {
    const told: { device: string; keys: Keys }[] = [];
    const keys = new KeysPublisher({
      db: database.db,
      publish: async (device, set) => void told.push({ device, keys: set }),
      logger: silent,
    });
    await keys.look();
    await keys.look();
    expect(told.map(({ device }) => device)).toEqual(['a', 'b']);
    await database.db.device.create({ data: { id: 'c' } });
    await keys.look();
    expect(told.map(({ device }) => device)).toEqual(['a', 'b', 'c']);
    const before = await activeKey('release');
    await newKey(database.db, registry.keys, { role: 'release' }, new Date(start));
    await keys.look();
    expect(told.slice(3).map(({ device }) => device)).toEqual(['a', 'b', 'c']);
    const { keys: set } = told[5]!;
    const vouched = set.signatures.find(({ keyId }) => keyId === before.id);
    expect(verified('keys', { body: set.body, signature: vouched?.signature ?? '' }, before.publicKey)).toBe(true);
    expect(decodeBody('keys', set.body)).toMatchObject({
      value: { version: 2, keys: [{ role: 'release' }, { role: 'desired' }, { role: 'release' }] },
    });
  });
});
