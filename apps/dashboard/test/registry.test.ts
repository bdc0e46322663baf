/** @file Files from outside enter the registry, or are refused with a reason; one that hangs, explodes or crashes ends its own process alone. */
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildVariant, encodeModel, GraphBuilder, standardPreprocessing, writeMetadata } from '@alpharho/mobilenet-core';
import { decodeBody } from '@alpharho/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generateKey, isSignatureOf } from '../src/server/keys/ed25519.ts';
import { signManifest } from '../src/server/keys/manifest.ts';
import { Checker, defaultLimits } from '../src/server/registry/checker.ts';
import { openRegistry, type Registry } from '../src/server/registry.ts';
import { addVariant } from '../src/server/services/add-variant.ts';
import { assignVariant } from '../src/server/services/assign-variant.ts';
import { importPublicKey, listKeys, newKey, retireKey } from '../src/server/services/keys.ts';
import { deleteVariant, offerVariant, retireVariant } from '../src/server/services/retire-variant.ts';
import { signUnsigned } from '../src/server/services/sign-unsigned.ts';
import { uploadVariant } from '../src/server/services/upload-variant.ts';
import { createDatabase, type TestDatabase, variantFile } from './support/files.ts';

let database: TestDatabase;
let registry: Registry;
let checker: Checker;

beforeEach(async () => {
  database = await createDatabase();
  registry = await openRegistry(database.db, { dataDir: database.folder });
  checker = new Checker(join(database.folder, 'uploads'));
});
afterEach(() => database.close());

async function file(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(database.folder, name);
  await writeFile(path, bytes);
  return path;
}

/** A classifier as others export it: float32 NCHW in, two logits out. */
function foreignOnnx(side = 32): Uint8Array {
  const builder = new GraphBuilder('foreign');
  const image = builder.input('input', 'float32', [1, 3, side, side]);
  const pooled = builder.node('GlobalAveragePool', 'pool', [image]);
  const flat = builder.node('Flatten', 'flat', [pooled]);
  const weights = builder.constant('w', 'float32', [3, 2], Float32Array.from([1, -1, 0.5, 0.25, -0.5, 1]));
  builder.node('MatMul', 'dense', [flat, weights], {}, 'logits');
  builder.output('logits', 'float32', [1, 2]);
  return encodeModel(builder.finish({}));
}

/** It has the face of a variant, and is sure of both classes. */
function noProbabilities(): Uint8Array {
  const builder = new GraphBuilder('sure');
  builder.input('image', 'uint8', [1, 32, 32, 3]);
  builder.node('Identity', 'id', [builder.constant('both', 'float32', [1, 2], Float32Array.from([0.9, 0.9]))], {}, 'probabilities');
  builder.output('probabilities', 'float32', [1, 2]);
  const what = { family: 'other', alpha: 1, rho: 32, precision: 'float32', weights: 'trained' } as const;
  return encodeModel(builder.finish(writeMetadata({ ...what, labels: ['a', 'b'], preprocessing: standardPreprocessing })));
}

describe('uploadVariant', () => {
  it('takes a variant file as it is, runs it, and signs what it is and what it answers', async () => {
    const path = await file('v.onnx', variantFile());
    const { variant, known } = await uploadVariant(registry, checker, { path, options: { name: 'v.onnx' } });
    expect({ known, ...variant }).toMatchObject({ known: false, stored: true, rhos: '[128]', alpha: 0.25 });
    const [release] = await database.db.signingKey.findMany({ where: { role: 'release' } });
    const manifest = JSON.parse(variant.manifest ?? '');
    expect(isSignatureOf('manifest', manifest.body, manifest.signature, release?.publicKey ?? '')).toBe(true);
    const body = decodeBody('manifest', manifest.body);
    expect(body).toMatchObject({ value: { variant: { sha256: variant.id }, golden: { top: [{ probability: expect.any(Number) }, {}] } } });
    expect(await readFile(registry.blobs.fileOf(variant.id))).toEqual(Buffer.from(await readFile(path)));
    expect((await uploadVariant(registry, checker, { path })).known).toBe(true);
    expect(await database.db.variantEvent.count({ where: { variantId: variant.id } })).toBe(2);
  });

  it('brings an ONNX classifier of one’s own into the contract, and says what is missing where its file does not tell', async () => {
    const path = await file('own.onnx', foreignOnnx());
    const upload = (options: object) => uploadVariant(registry, checker, { path, options });
    await expect(upload({})).rejects.toMatchObject({ code: 'config_invalid', message: expect.stringContaining('normalisation') });
    await expect(upload({ normalisation: 'unit' })).rejects.toMatchObject({
      message: expect.stringContaining('nothing names the 2 classes'),
    });
    const { variant, notes } = await upload({ name: 'own.onnx', normalisation: 'unit', labels: ['good', 'bad'], licence: 'MIT' });
    expect(variant).toMatchObject({ family: 'other', rho: 32, classes: 2, licence: 'MIT', labels: '["good","bad"]' });
    expect(variant.provenance).toContain('own.onnx');
    expect(notes.join('\n')).toContain('probabilities on three invented frames differ');
    expect(await readdir(join(database.folder, 'uploads'))).toEqual([]);
  });

  it('refuses what is no model, a model that is damaged, and one whose answers are no probabilities, and stores nothing', async () => {
    const whole = variantFile();
    const cases: [string, Uint8Array, string][] = [
      ['text.onnx', Buffer.from('no model at all'), 'model_corrupt'],
      ['cut.onnx', whole.subarray(0, whole.length / 2), 'model_corrupt'],
      ['empty.onnx', new Uint8Array(), 'model_corrupt'],
      ['sure.onnx', noProbabilities(), 'model_not_variant'],
    ];
    for (const [name, bytes, code] of cases) {
      await expect(uploadVariant(registry, checker, { path: await file(name, bytes) })).rejects.toMatchObject({ code });
    }
    expect(await database.db.variant.count()).toBe(0);
  });

  it('ends a check that takes too long, wants too much memory, or dies', async () => {
    const path = await file('v.onnx', buildVariant({ family: 'v1', alpha: 1, rho: 224, labels: ['a', 'b'], seed: 1 }));
    const check = (limits: Partial<typeof defaultLimits>) =>
      new Checker(join(database.folder, 'uploads'), { ...defaultLimits, ...limits }).check(path);
    await expect(check({ timeMs: 20 })).rejects.toMatchObject({
      code: 'check_aborted',
      message: expect.stringContaining('more than 0.02 s'),
    });
    await expect(check({ heapMb: 8 })).rejects.toMatchObject({ code: 'check_aborted' });
    await expect(check({ baseBytes: 2 ** 28, timesFile: 0 })).rejects.toMatchObject({ code: 'check_aborted' });
    const called = new AbortController();
    const off = checker.check(path, {}, called.signal);
    called.abort();
    await expect(off).rejects.toMatchObject({ code: 'interrupted' });
  });
});

describe('keys', () => {
  it('private parts are for their owner alone, and a key that is replaced signs nothing any more', async () => {
    const { db } = database;
    const [before] = await listKeys(db, registry.keys);
    const { mode } = await stat(registry.keys.fileOf(before?.id ?? ''));
    expect((mode & 0o777).toString(8)).toBe('600');
    const { variant } = await uploadVariant(registry, checker, { path: await file('v.onnx', variantFile()) });
    expect(variant.keyId).toBe(before?.id);
    await expect(retireKey(db, registry.keys, { id: before?.id ?? '' }, new Date())).rejects.toMatchObject({ code: 'config_invalid' });
    const made = await newKey(db, registry.keys, { role: 'release' }, new Date(Date.now() + 1000));
    expect(await retireKey(db, registry.keys, { id: before?.id ?? '' }, new Date())).toEqual({ signedAnew: 1 });
    expect(await db.variant.findUnique({ where: { id: variant.id } })).toMatchObject({ keyId: made.id });
    const set = await db.keySet.findFirstOrThrow({ orderBy: { version: 'desc' } });
    const { signatures, body } = JSON.parse(set.document);
    // A device that knows the first set alone follows: the retired key vouches for its successor.
    expect(signatures.map(({ keyId }: { keyId: string }) => keyId).toSorted()).toEqual([before?.id, made.id].toSorted());
    expect(JSON.parse(body).keys.find(({ id }: { id: string }) => id === before?.id)).toMatchObject({ retired: true });
  });

  it('works without the private release key for what is signed elsewhere, and says what it cannot do', async () => {
    const { db } = database;
    const [own] = (await listKeys(db, registry.keys)).filter(({ role }) => role === 'release');
    const offline = generateKey();
    await importPublicKey(db, registry.keys, { publicKey: offline.publicKey }, new Date());
    await registry.keys.remove(own?.id ?? '');
    const path = await file('v.onnx', variantFile());
    await expect(uploadVariant(registry, checker, { path })).rejects.toMatchObject({
      code: 'key_missing',
      message: expect.stringContaining('alpharho variants sign'),
    });
    await expect(newKey(db, registry.keys, { role: 'desired' }, new Date())).rejects.toMatchObject({ code: 'key_missing' });
    const { facts } = await checker.check(path);
    const { facts: others } = await checker.check(await file('w.onnx', variantFile(2)));
    const sign = (what: typeof facts, key = offline) => signManifest(what, key, new Date());
    const upload = (manifest: ReturnType<typeof sign>) => uploadVariant(registry, checker, { path, manifest });
    await expect(upload(sign(others))).rejects.toMatchObject({ code: 'variant_mismatch', message: expect.stringContaining('sha256') });
    await expect(upload(sign({ ...facts, variant: { ...facts.variant, alpha: 1 } }))).rejects.toMatchObject({
      message: expect.stringContaining('alpha'),
    });
    await expect(upload(sign({ ...facts, labels: ['dog', 'cat'] }))).rejects.toMatchObject({ message: expect.stringContaining('labels') });
    await expect(upload(sign(facts, generateKey()))).rejects.toMatchObject({ code: 'key_unknown' });
    await expect(upload({ ...sign(facts), body: sign(facts).body.replace('"alpha":0.25', '"alpha":0.26') })).rejects.toMatchObject({
      code: 'signature_invalid',
    });
    expect(await db.variant.count()).toBe(0);
    const { variant } = await upload(sign(facts));
    expect(variant).toMatchObject({ keyId: offline.id, stored: true });
    expect((await newKey(db, registry.keys, { role: 'desired', vouching: [offline] }, new Date())).role).toBe('desired');
  });
});

describe('signUnsigned', () => {
  it('signs what was added before there were keys, and names in the log what it cannot', async () => {
    const { db } = database;
    const [first, second] = [await addVariant(registry, variantFile(1)), await addVariant(registry, variantFile(2))];
    await db.variant.updateMany({ data: { manifest: null, keyId: null, rhos: null } });
    await registry.blobs.remove(second.id);
    const warned: object[] = [];
    await signUnsigned(registry, { info: () => undefined, warn: (facts) => warned.push(facts), error: () => undefined });
    expect(await db.variant.findUnique({ where: { id: first.id } })).toMatchObject({ keyId: first.keyId, rhos: '[128]' });
    expect(await db.variant.findUnique({ where: { id: second.id } })).toMatchObject({ manifest: null });
    expect(warned).toMatchObject([{ variant: second.id }]);
  });
});

describe('retiring and deleting', () => {
  const now = new Date();

  it('a retired variant is given to no further device, and to them again once it is offered', async () => {
    const { variant } = await uploadVariant(registry, checker, { path: await file('v.onnx', variantFile()) });
    await database.db.device.create({ data: { id: 'a', servingId: variant.id } });
    await retireVariant(registry, variant.id, now);
    const give = () => assignVariant(database.db, { deviceIds: ['a'], variantId: variant.id });
    await expect(give()).rejects.toMatchObject({ code: 'variant_retired' });
    await offerVariant(registry, variant.id, now);
    expect(await give()).toMatchObject({ assigned: ['a'] });
  });

  it('one that is in use is not deleted, and the refusal names the devices; else its file goes and its name stays', async () => {
    const { db } = database;
    const { variant } = await uploadVariant(registry, checker, { path: await file('v.onnx', variantFile()) });
    const { variant: other } = await uploadVariant(registry, checker, { path: await file('w.onnx', variantFile(2)) });
    await db.device.create({ data: { id: 'quay-1', servingId: variant.id } });
    await db.device.create({ data: { id: 'quay-2', desiredId: variant.id } });
    await db.device.create({ data: { id: 'quay-3', desiredId: other.id } });
    const rollout = { id: 'r1', name: 'R-1', createdAt: now, stateAt: now, spec: '{}', state: 'completed' };
    const member = { deviceId: 'quay-3', position: 0, phase: 0, variantId: other.id, previousId: variant.id, stateAt: now };
    await db.rollout.create({ data: { ...rollout, devices: { create: member } } });
    await expect(deleteVariant(registry, variant.id, now)).rejects.toMatchObject({
      code: 'variant_in_use',
      message: expect.stringContaining('quay-1 serves it; quay-2 is to serve it; quay-3 would go back to it from rollout R-1'),
    });
    await db.device.updateMany({ data: { servingId: null, desiredId: null } });
    await deleteVariant(registry, variant.id, now);
    expect(await registry.blobs.find(variant.id)).toBeUndefined();
    expect(await db.variant.findUnique({ where: { id: variant.id } })).toMatchObject({ stored: false, manifest: null, alpha: 0.25 });
    expect((await uploadVariant(registry, checker, { path: join(database.folder, 'v.onnx') })).variant).toMatchObject({
      stored: true,
      deletedAt: null,
    });
  });
});
