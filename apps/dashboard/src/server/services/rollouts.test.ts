import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, type TestDatabase, variantFile } from '../../../test/support/files.ts';
import { openRegistry } from '../registry.ts';
import { previewRollout } from '../rollouts/store/preview.ts';
import { listRollouts, readRollout, readRolloutEvents } from '../rollouts/store/read.ts';
import { addVariant } from './add-variant.ts';
import { createRollout } from './create-rollout.ts';
import { startRollout } from './start-rollout.ts';
import { type Steering, steerRollout } from './steer-rollout.ts';
import { tagDevices } from './tag-devices.ts';

let database: TestDatabase;
let variants: string[];
const now = new Date(1_800_000_000_000);

beforeEach(async () => {
  database = await createDatabase();
  const registry = await openRegistry(database.db, { dataDir: join(database.folder, 'data') });
  variants = [];
  for (const seed of [1, 2]) variants.push((await addVariant(registry, variantFile(seed))).id);
  const of = (id: string, hardwareClass: string, more: object = {}) => ({
    id,
    hardwareClass,
    servingId: variants[0],
    presence: 'online',
    ...more,
  });
  const bad = JSON.stringify([{ sha256: variants[1], code: 'shadow_slow', at: 0 }]);
  await database.db.device.createMany({
    data: [
      of('cam-1', 'Pi 4'),
      of('cam-2', 'Pi 4', { presence: 'offline' }),
      of('cam-3', 'Pi 4', { quarantined: bad }),
      of('cam-4', 'Pi 4', { servingId: variants[1] }),
      of('orin-1', 'Orin'),
      of('small-1', 'Pi Zero', { memoryBytes: 100_000_000n }),
    ],
  });
});
afterEach(() => database.close());

const spec = (more: object = {}) => ({ variant: variants[1], targets: { where: 'id=*' }, ...more });
const create = async (more: object = {}, key?: string) => createRollout(database.db, { spec: spec(more), key }, now);
const steer = (id: string, type: Steering['type'], more: Partial<Steering> = {}) => steerRollout(database.db, id, { type, ...more }, now);
const started = async (more: object = {}) => {
  const { id } = await create(more);
  await startRollout(database.db, id, now);
  return id;
};
const read = async (id: string) => {
  const found = await readRollout(database.db, id, now.getTime());
  if (found === null) throw new Error('no rollout');
  return found;
};

describe('previewRollout', () => {
  it('says who would be told and who not, and why', async () => {
    const preview = await previewRollout(database.db, spec({ phases: [{ count: 1 }, { percent: 100 }] }), now.getTime());
    expect(preview).toMatchObject({
      matched: 6,
      offline: 1,
      counts: { ready: 3, already: 1, quarantined: 1, incompatible: 1, elsewhere: 0, unmapped: 0 },
      phases: [1, 2],
      noWayBack: 0,
    });
    expect(preview.devices.map(({ id, kind, phase }) => `${id} ${kind} ${phase}`)).toEqual([
      'cam-1 ready 0',
      'orin-1 ready 1',
      'cam-2 ready 1',
      'cam-3 quarantined null',
      'cam-4 already null',
      'small-1 incompatible null',
    ]);
    expect(preview.devices[3]?.note).toBe('the variant failed there before (shadow_slow)');
  });

  it('maps hardware classes, and leaves out those that are not named', async () => {
    const preview = await previewRollout(database.db, { targets: { where: 'id=*' }, variants: { Orin: variants[1] } }, now.getTime());
    expect(preview.counts).toMatchObject({ ready: 1, unmapped: 5 });
  });

  it('counts devices whose present variant cannot be given back', async () => {
    await database.db.variant.update({ where: { id: variants[0] ?? '' }, data: { stored: false } });
    expect((await previewRollout(database.db, spec(), now.getTime())).noWayBack).toBe(3);
  });
});

describe('createRollout', () => {
  it('writes a draft that no device knows of', async () => {
    const { id, state, created } = await create({ name: 'spring' });
    expect([state, created]).toEqual(['draft', true]);
    expect(await read(id)).toMatchObject({ name: 'spring', state: 'draft', devices: [] });
    expect(await database.db.device.count({ where: { desiredRevision: { gt: 0 } } })).toBe(0);
  });

  it('takes a declaration once, a changed one in place of its draft, and refuses one that changes what runs', async () => {
    const first = await create({ name: 'spring' }, 'spring');
    expect(await create({ name: 'spring' }, 'spring')).toEqual({ ...first, created: false });
    const second = await create({ name: 'spring', onFail: 'pause' }, 'spring');
    expect(second.created).toBe(true);
    expect((await listRollouts(database.db)).map(({ id }) => id)).toEqual([second.id]);
    await startRollout(database.db, second.id, now);
    expect(await create({ name: 'spring', onFail: 'pause' }, 'spring')).toMatchObject({ id: second.id, state: 'running', created: false });
    await expect(create({ name: 'spring' }, 'spring')).rejects.toMatchObject({
      code: 'rollout_conflict',
      message: expect.stringContaining('rollout "spring": is running as it was declared before'),
    });
    await steer(second.id, 'abort');
    expect((await create({ name: 'spring' }, 'spring')).created).toBe(true);
  });

  it.each([
    ['no variant', { variant: undefined }, 'rollout_invalid', 'variant'],
    ['a query that cannot be read', { targets: { where: 'site quay' } }, 'target_query_invalid', 'character 5'],
  ])('refuses %s', async (_, more, code, words) => {
    await expect(create(more)).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
    expect(await database.db.rollout.count()).toBe(0);
  });
});

describe('startRollout', () => {
  it('writes down every device that matches, with its turn or why it has none', async () => {
    const id = await started({ phases: [{ count: 1 }, { percent: 100 }] });
    const { state, devices, counts, phaseList } = await read(id);
    expect(state).toBe('running');
    expect(counts).toMatchObject({ waiting: 3, skipped: 3 });
    expect(phaseList.map((phase) => phase.counts.waiting)).toEqual([1, 2]);
    expect(devices.map(({ id: name, phase }) => `${name} ${phase}`).slice(0, 3)).toEqual(['cam-1 0', 'orin-1 1', 'cam-2 1']);
    expect(devices.find(({ id: name }) => name === 'small-1')?.note).toContain('memory');
  });

  it('twice at once is once, and is refused when it is over', async () => {
    const { id } = await create();
    const both = await Promise.all([startRollout(database.db, id, now), startRollout(database.db, id, now)]);
    expect(both.map(({ changed }) => changed).sort()).toEqual([false, true]);
    await steer(id, 'abort');
    await expect(startRollout(database.db, id, now)).rejects.toMatchObject({ code: 'rollout_conflict' });
    await expect(startRollout(database.db, 'nothing', now)).rejects.toMatchObject({ code: 'rollout_unknown' });
  });

  it('waits for its time, unless it is started once more', async () => {
    const id = await started({ schedule: { notBefore: now.getTime() + 1000 } });
    expect((await read(id)).state).toBe('scheduled');
    expect(await startRollout(database.db, id, now)).toEqual({ state: 'running', changed: true });
  });

  it('is refused where nobody can be told, and says why; so is a retired variant', async () => {
    const { id } = await create({ targets: { where: 'id=small-*' } });
    await expect(startRollout(database.db, id, now)).rejects.toMatchObject({
      code: 'rollout_no_targets',
      message: expect.stringContaining('small-1: the variant of'),
    });
    expect((await read(id)).state).toBe('draft');
    await database.db.variant.update({ where: { id: variants[1] ?? '' }, data: { retiredAt: now } });
    await expect(started()).rejects.toMatchObject({ code: 'variant_retired' });
  });

  it('leaves devices to the rollout that they are in', async () => {
    await started({ name: 'first', targets: { where: 'class=Orin' } });
    const second = await started();
    expect((await read(second)).devices.find(({ id }) => id === 'orin-1')).toMatchObject({
      state: 'skipped',
      note: 'it is in the rollout "first", which is not over',
    });
  });
});

describe('steerRollout', () => {
  it('does once what is said twice, and tells who comes second what is so', async () => {
    const id = await started();
    const [one, two] = await Promise.all([steer(id, 'pause'), steer(id, 'pause')]);
    expect([one.changed, two.changed, two.state]).toEqual([true, false, 'paused']);
    expect(await steer(id, 'resume')).toMatchObject({ state: 'running', changed: true });
    expect(await steer(id, 'resume')).toMatchObject({ changed: false });
    expect(await steer(id, 'abort')).toMatchObject({ state: 'aborted', changed: true });
    expect(await steer(id, 'abort')).toMatchObject({ changed: false });
    const kinds = (await readRolloutEvents(database.db, id)).map(({ kind }) => kind);
    expect(kinds).toEqual(['aborted', 'running', 'paused', 'running', 'draft']);
  });

  it.each<[Steering['type'], string]>([
    ['approve', 'rollout "spring": is running: it does not wait for approval'],
    ['skip', 'is running: there is no soak time, gate or approval to skip'],
    ['retry', 'is running: no device has failed that could be tried again'],
  ])('refuses %s where there is nothing to do', async (type, words) => {
    const id = await started({ name: 'spring' });
    await expect(steer(id, type)).rejects.toMatchObject({ code: 'rollout_conflict', message: expect.stringContaining(words) });
  });

  it('refuses a word about a version that is not so any more', async () => {
    const id = await started({ name: 'spring' });
    const { version } = await read(id);
    await steer(id, 'pause', { version });
    await expect(steer(id, 'abort', { version })).rejects.toMatchObject({
      code: 'rollout_conflict',
      message: 'rollout "spring": has moved on since you looked; it is paused now',
    });
  });
});

describe('targets', () => {
  it('are found by tags', async () => {
    await tagDevices(database.db, { deviceIds: ['cam-1', 'orin-1'], set: { site: 'quay' }, remove: [] });
    const preview = await previewRollout(database.db, spec({ targets: { where: 'site=quay -class=Orin' } }), now.getTime());
    expect(preview.devices.map(({ id }) => id)).toEqual(['cam-1']);
  });
});
