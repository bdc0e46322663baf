/** @file Rollouts as devices hear of them: the hub as it is built, real MQTT clients that walk the real update machine. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '@alpharho/db';
import type { UpdatePhase, Variant } from '@alpharho/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareDataFolder } from '../src/server/data-folder.ts';
import { openRegistry } from '../src/server/registry.ts';
import { previewRollout } from '../src/server/rollouts/store/preview.ts';
import { readRollout } from '../src/server/rollouts/store/read.ts';
import { addVariant } from '../src/server/services/add-variant.ts';
import { assignVariant } from '../src/server/services/assign-variant.ts';
import { createRollout } from '../src/server/services/create-rollout.ts';
import { startRollout } from '../src/server/services/start-rollout.ts';
import { type Steering, steerRollout } from '../src/server/services/steer-rollout.ts';
import { tagDevices } from '../src/server/services/tag-devices.ts';
import { toWireVariant } from '../src/server/wire-variant.ts';
import { variantFile } from './support/files.ts';
import { startTestHub, type TestHub } from './support/hub.ts';
import { freePort, TestProcess } from './support/process.ts';
import { UpdateDevice } from './support/update-device.ts';

const fleet: UpdateDevice[] = [];
let db: Database;
let port: number;
let variants: Variant[];
let target: string;

async function makeVariants(dataDir: string, count: number): Promise<void> {
  const registry = await openRegistry(db, { dataDir });
  variants = [];
  for (let seed = 1; seed <= count; seed += 1) variants.push(toWireVariant(await addVariant(registry, variantFile(seed))));
  target = variants.at(-1)?.sha256 ?? '';
}

async function connect(id: string, serving: Variant | undefined, stopAt?: UpdatePhase): Promise<UpdateDevice> {
  if (serving === undefined) throw new Error('no such variant');
  const device = await UpdateDevice.connect({ port, id, serving, ...(stopAt && { stopAt }) });
  fleet.push(device);
  await expect.poll(async () => (await db.device.findUnique({ where: { id } }))?.servingId, patient).toBe(serving.sha256);
  return device;
}

const patient = { timeout: 20_000, interval: 50 };

async function begin(spec: object = {}): Promise<string> {
  const { id } = await createRollout(db, { spec: { variant: target, targets: { where: 'id=*' }, ...spec } }, new Date());
  await startRollout(db, id, new Date());
  return id;
}

const steer = (id: string, type: Steering['type'], more: Partial<Steering> = {}) => steerRollout(db, id, { type, ...more }, new Date());
const seen = async (id: string) => {
  const found = await readRollout(db, id, Date.now());
  if (found === null) throw new Error('no rollout');
  return found;
};
const comes = async (id: string, state: string) => expect.poll(async () => (await seen(id)).state, patient).toBe(state);
const deviceStates = async (id: string) => Object.fromEntries((await seen(id)).devices.map(({ id: name, state }) => [name, state]));
const servings = () => Object.fromEntries(fleet.map(({ device, servingId }) => [device.id, servingId]));
const comesTo = (device: UpdateDevice, phase: UpdatePhase) => expect.poll(() => device.state.phase, patient).toBe(phase);

afterEach(async () => {
  for (const device of fleet.splice(0)) await device.leave();
});

describe('a rollout', () => {
  let hub: TestHub;
  beforeEach(async () => {
    hub = await startTestHub();
    db = hub.db;
    port = hub.mqttPort;
    await makeVariants(hub.config.dataDir, 4);
  });
  afterEach(() => hub.close());

  it('reaches a canary, is let on, and reaches the rest; each device commits at the hub’s word', async () => {
    for (const name of ['cam-1', 'cam-2', 'cam-3', 'other']) await connect(name, variants[0]);
    await tagDevices(db, { deviceIds: ['cam-1', 'cam-2', 'cam-3'], set: { site: 'quay' }, remove: [] });
    const spec = {
      targets: { where: 'site=quay' },
      phases: [
        { count: 1, soak: 0 },
        { percent: 100, soak: 0 },
      ],
    };
    expect(await previewRollout(db, { variant: target, ...spec }, Date.now())).toMatchObject({
      matched: 3,
      offline: 0,
      noWayBack: 0,
      counts: { ready: 3, already: 0 },
      phases: [1, 2],
    });
    const id = await begin(spec);
    await comes(id, 'evaluating');
    expect(await deviceStates(id)).toEqual({ 'cam-1': 'committed', 'cam-2': 'waiting', 'cam-3': 'waiting' });
    // Too little was measured to tell; an operator lets it on, and another one does the same a moment later.
    const before = await seen(id);
    expect(await steer(id, 'skip', { phase: 0 })).toMatchObject({ changed: true, phase: 1 });
    expect(await steer(id, 'skip', { phase: 0 })).toMatchObject({ changed: false, phase: 1 });
    await expect(steer(id, 'pause', { version: before.version })).rejects.toMatchObject({
      code: 'rollout_conflict',
      message: expect.stringContaining('has moved on since you looked'),
    });
    await comes(id, 'evaluating');
    await steer(id, 'skip');
    await comes(id, 'completed');
    expect(servings()).toEqual({ 'cam-1': target, 'cam-2': target, 'cam-3': target, other: variants[0]?.sha256 });
    expect((await seen(id)).devices.every(({ previousId }) => previousId === variants[0]?.sha256)).toBe(true);
    expect(fleet.map(({ downloads }) => downloads)).toEqual([1, 1, 1, 0]);
  });

  it.each(['downloading', 'shadowing', 'probation'] as const)('that is aborted settles a device in %s on what it had', async (phase) => {
    const device = await connect('cam-1', variants[0], phase);
    const id = await begin();
    await comesTo(device, phase);
    await steer(id, 'abort');
    await expect.poll(() => deviceStates(id), patient).toEqual({ 'cam-1': 'returned' });
    expect([device.state.phase, device.servingId]).toEqual(['committed', variants[0]?.sha256]);
    expect((await seen(id)).state).toBe('aborted');
  });

  it('that is paused holds a device that has not begun to switch, and lets it go on afterwards', async () => {
    const device = await connect('cam-1', variants[0], 'downloading');
    const id = await begin();
    await comesTo(device, 'downloading');
    await steer(id, 'pause');
    await expect.poll(() => device.desired.at(-1)?.hold, patient).toBe(true);
    device.go();
    await expect.poll(async () => (await seen(id)).devices[0]?.held, patient).toBe(true);
    expect(device.state.phase).toBe('staged');
    await steer(id, 'resume');
    await comesTo(device, 'committed');
    expect(device.desired.map(({ revision }) => revision)).toEqual([1, 1, 1]);
  });

  it('that is rolled back gives each device exactly the variant that it had', async () => {
    const names = ['cam-1', 'cam-2', 'cam-3', 'cam-4', 'cam-5', 'cam-6'];
    for (const [index, name] of names.entries()) await connect(name, variants[index % 3]);
    const before = servings();
    const id = await begin({ phases: [{ percent: 100, soak: 0 }], rollback: { concurrency: 2 } });
    await comes(id, 'evaluating');
    expect(new Set(Object.values(servings()))).toEqual(new Set([target]));
    await steer(id, 'roll_back');
    await comes(id, 'rolled_back');
    expect(servings()).toEqual(before);
    expect(new Set(Object.values(await deviceStates(id)))).toEqual(new Set(['returned']));
  });

  it('stops where the variant fails on a device, and tells why', async () => {
    const device = await connect('cam-1', variants[0]);
    await connect('cam-2', variants[0]);
    device.refuse = { phase: 'shadowing', code: 'shadow_slow' };
    const id = await begin({ phases: [{ count: 1, soak: 0 }, { percent: 100 }] });
    await comes(id, 'rolled_back');
    expect(servings()).toEqual({ 'cam-1': variants[0]?.sha256, 'cam-2': variants[0]?.sha256 });
    expect((await seen(id)).devices).toMatchObject([
      { id: 'cam-1', state: 'failed', error: { code: 'shadow_slow', message: 'slower than it may be' } },
      { id: 'cam-2', state: 'skipped', toldAt: null },
    ]);
  });

  it('leaves a device alone that is given another variant by hand, and reaches one that comes late', async () => {
    const byHand = await connect('cam-1', variants[0], 'shadowing');
    const slow = await connect('cam-2', variants[0], 'shadowing');
    const id = await begin({ phases: [{ percent: 100, soak: 0 }] });
    await comesTo(byHand, 'shadowing');
    await comesTo(slow, 'shadowing');
    await assignVariant(db, { deviceIds: ['cam-1'], variantId: variants[1]?.sha256 ?? '' });
    byHand.go();
    await connect('late', variants[0]);
    await expect.poll(() => deviceStates(id), patient).toEqual({ 'cam-1': 'superseded', 'cam-2': 'moving', late: 'committed' });
    expect(byHand.servingId).toBe(variants[1]?.sha256);
  });

  it('reaches a device that was away when it returns, with one download of the latest', async () => {
    const device = await connect('cam-1', variants[0]);
    await device.leave();
    await expect.poll(async () => (await db.device.findUnique({ where: { id: 'cam-1' } }))?.presence, patient).toBe('offline');
    for (const index of [1, 2]) {
      const id = await begin({ variant: variants[index]?.sha256 });
      await expect.poll(() => deviceStates(id), patient).toEqual({ 'cam-1': 'told' });
      await steer(id, 'abort');
    }
    const id = await begin();
    await expect.poll(() => deviceStates(id), patient).toEqual({ 'cam-1': 'told' });
    // A broker that begins anew keeps the latest only.
    await hub.restart();
    port = hub.mqttPort;
    const back = await UpdateDevice.connect({ port, id: 'cam-1', serving: variants[0] as Variant, state: device.state });
    fleet.push(back);
    await expect.poll(() => deviceStates(id), patient).toEqual({ 'cam-1': 'committed' });
    expect([back.downloads, back.servingId]).toEqual([1, target]);
  });
});

describe('a hub that is killed', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'alpharho-rollouts-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('in the middle of a phase goes on where it was', { timeout: 90_000 }, async () => {
    const dataDir = join(folder, 'data');
    port = await freePort();
    const env = { ALPHARHO_DATA_DIR: dataDir, ALPHARHO_MQTT_PORT: String(port), ALPHARHO_HTTP_PORT: String(await freePort()) };
    await prepareDataFolder({ dataDir });
    db = await openDatabase({ file: join(dataDir, 'alpharho.db') });
    await makeVariants(dataDir, 2);
    const start = async () => {
      const hub = new TestProcess(['hub'], env);
      await hub.says('the hub runs');
      return hub;
    };
    let hub = await start();
    const names = ['cam-1', 'cam-2', 'cam-3', 'cam-4'];
    for (const name of names) await connect(name, variants[0], 'shadowing');
    const id = await begin({ phases: [{ percent: 100, soak: 0, concurrency: 2 }] });
    for (const phase of ['shadowing', 'probation', undefined] as const) {
      await expect
        .poll(() => fleet.filter(({ state }) => state.phase === (phase ?? 'committed')).length, patient)
        .toBeGreaterThanOrEqual(2);
      await hub.kill('SIGKILL');
      const kept = fleet.splice(0);
      for (const device of kept) await device.leave();
      hub = await start();
      const next = phase === 'shadowing' ? 'probation' : undefined;
      for (const { device, state } of kept) {
        const serving = variants.find(({ sha256 }) => sha256 === state.committed) as Variant;
        fleet.push(await UpdateDevice.connect({ port, id: device.id, serving, state, files: variants, ...(next && { stopAt: next }) }));
      }
    }
    await comes(id, 'evaluating');
    expect(new Set(Object.values(await deviceStates(id)))).toEqual(new Set(['committed']));
    expect(new Set(Object.values(servings()))).toEqual(new Set([target]));
    expect((await seen(id)).devices.map(({ attempts }) => attempts)).toEqual([1, 1, 1, 1]);
    await db.$disconnect();
    await hub.kill('SIGKILL');
  });
});
