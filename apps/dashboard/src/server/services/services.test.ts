import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, type TestDatabase, variantFile } from '../../../test/support/files.ts';
import { BlobStore } from '../blob-store.ts';
import { openRegistry, type Registry } from '../registry.ts';
import { addVariant } from './add-variant.ts';
import { assignVariant } from './assign-variant.ts';
import { listVariants } from './list-variants.ts';

let database: TestDatabase;
let registry: Registry;

beforeEach(async () => {
  database = await createDatabase();
  registry = await openRegistry(database.db, { dataDir: database.folder });
});
afterEach(() => database.close());

const revisions = async () => Object.fromEntries((await database.db.change.findMany()).map(({ topic, revision }) => [topic, revision]));

describe('addVariant', () => {
  it('stores the file under its digest and lists what it says of itself', async () => {
    const bytes = variantFile();
    const variant = await addVariant(registry, bytes);
    expect(variant).toMatchObject({
      family: 'v1',
      alpha: 0.25,
      rho: 128,
      classes: 2,
      weights: 'random',
      stored: true,
      bytes: bytes.byteLength,
    });
    expect(JSON.parse(variant.labels ?? '')).toEqual(['cat', 'dog']);
    const blob = await registry.blobs.find(variant.id);
    const stored = Buffer.concat(await (blob?.read().toArray() as Promise<Buffer[]>));
    expect(stored.equals(bytes)).toBe(true);
    expect(await revisions()).toMatchObject({ variants: 1 });
  });

  it('changes nothing when the same file comes again, and mends a file that is gone', async () => {
    const { id } = await addVariant(registry, variantFile());
    await addVariant(registry, variantFile());
    expect(await revisions()).toMatchObject({ variants: 1 });
    const empty = new BlobStore(join(database.folder, 'other'));
    await addVariant({ ...registry, blobs: empty }, variantFile());
    expect(await readdir(join(database.folder, 'other'))).toEqual([`${id}.onnx`]);
  });

  it('takes up a variant that so far only a device had', async () => {
    const { id } = await addVariant(registry, variantFile());
    await database.db.variant.update({ where: { id }, data: { stored: false, labels: null } });
    expect(await addVariant(registry, variantFile())).toMatchObject({ id, stored: true, labels: '["cat","dog"]' });
  });

  it('refuses what is no variant, and stores nothing of it', async () => {
    await expect(addVariant(registry, Buffer.from('not a model'))).rejects.toMatchObject({
      name: 'AlpharhoError',
      code: 'model_corrupt',
    });
    expect(await database.db.variant.count()).toBe(0);
    await expect(readdir(join(database.folder, 'models'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('assignVariant', () => {
  let variantId: string;
  const device = () => database.db.device.findUniqueOrThrow({ where: { id: 'line-01' } });
  const assign = (deviceIds = ['line-01']) => assignVariant(database.db, { deviceIds, variantId });

  beforeEach(async () => {
    variantId = (await addVariant(registry, variantFile())).id;
    await database.db.device.createMany({ data: [{ id: 'line-01' }, { id: 'line-02', seenRevision: 41 }] });
  });

  it('writes the intent, its event and its change', async () => {
    expect(await assign(['line-01', 'line-02'])).toEqual({ assigned: ['line-01', 'line-02'], unchanged: [] });
    expect(await device()).toMatchObject({ desiredId: variantId, desiredRevision: 1 });
    const [event] = await database.db.deviceEvent.findMany({ where: { deviceId: 'line-01' } });
    expect(event).toMatchObject({ kind: 'assigned', message: 'Given V1 0.25×128 f32' });
    expect(await revisions()).toMatchObject({ intent: 1, 'device:line-01': 1, 'device:line-02': 1 });
  });

  it('goes above what a device remembers of a database that was lost', async () => {
    await assign(['line-02']);
    expect(await database.db.device.findUnique({ where: { id: 'line-02' } })).toMatchObject({ desiredRevision: 42 });
  });

  it('says so where a device claims to have seen the last number there is', async () => {
    await database.db.device.update({ where: { id: 'line-02' }, data: { seenRevision: Number.MAX_SAFE_INTEGER } });
    await expect(assign(['line-01', 'line-02'])).rejects.toMatchObject({
      code: 'desired_stale',
      message: expect.stringContaining('line-02'),
    });
    expect(await device()).toMatchObject({ desiredId: null, desiredRevision: 0 });
  });

  it('leaves a device alone that is told so already, unless its update ended badly', async () => {
    await assign();
    expect(await assign()).toEqual({ assigned: [], unchanged: ['line-01'] });
    await database.db.device.update({ where: { id: 'line-01' }, data: { phase: 'failed', seenRevision: 1 } });
    expect(await assign()).toEqual({ assigned: ['line-01'], unchanged: [] });
    expect(await device()).toMatchObject({ desiredRevision: 2 });
    // The failure that is shown is of the update before; this one has not begun.
    expect(await assign()).toEqual({ assigned: [], unchanged: ['line-01'] });
  });

  it('takes a rollout’s hold and policy off, and gives leave where it tries again', async () => {
    await assign();
    await database.db.device.update({
      where: { id: 'line-01' },
      data: { phase: 'failed', seenRevision: 1, desiredHold: true, desiredPolicy: '{}' },
    });
    await assign();
    expect(await device()).toMatchObject({ desiredRevision: 2, desiredHold: false, desiredPolicy: null, desiredPardon: true });
  });

  it('writes nothing for a variant without a file, nor where one of the devices is unknown', async () => {
    await expect(assign(['line-01', 'nobody'])).rejects.toMatchObject({
      code: 'device_unknown',
      message: expect.stringContaining('nobody'),
    });
    await database.db.variant.update({ where: { id: variantId }, data: { stored: false } });
    await expect(assign()).rejects.toMatchObject({ code: 'model_missing' });
    expect(await device()).toMatchObject({ desiredId: null, desiredRevision: 0 });
  });
});

describe('listVariants', () => {
  it('counts the devices that serve each', async () => {
    const { id } = await addVariant(registry, variantFile(1));
    await addVariant(registry, variantFile(2));
    await database.db.device.create({ data: { id: 'line-01', servingId: id } });
    const listed = await listVariants(database.db);
    expect(listed.map((variant) => [variant.id === id, variant.servedBy])).toEqual(
      expect.arrayContaining([
        [true, 1],
        [false, 0],
      ]),
    );
  });
});
