import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../../../test/support/files.ts';
import { tagDevices } from './tag-devices.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase();
  await database.db.device.createMany({ data: [{ id: 'cam-1' }, { id: 'cam-2' }] });
});
afterEach(() => database.close());

const tags = async () =>
  (await database.db.deviceTag.findMany({ orderBy: [{ deviceId: 'asc' }, { key: 'asc' }] })).map(
    ({ deviceId, key, value }) => `${deviceId} ${key}=${value}`,
  );

describe('tagDevices', () => {
  it('sets, changes and removes, and twice is once', async () => {
    const deviceIds = ['cam-1', 'cam-2'];
    for (let round = 0; round < 2; round += 1) await tagDevices(database.db, { deviceIds, set: { site: 'quay', lab: '' }, remove: [] });
    expect(await tags()).toEqual(['cam-1 lab=', 'cam-1 site=quay', 'cam-2 lab=', 'cam-2 site=quay']);
    await tagDevices(database.db, { deviceIds: ['cam-2'], set: { site: 'old orchard' }, remove: ['lab', 'nothing'] });
    expect(await tags()).toEqual(['cam-1 lab=', 'cam-1 site=quay', 'cam-2 site=old orchard']);
  });

  it.each<[string, string[], Record<string, string>, string]>([
    ['an unknown device', ['cam-1', 'nobody'], { lab: '' }, 'device nobody: never heard of'],
    ['a key that is none', ['cam-1'], { 'a b': '' }, 'tag "a b": a tag is 1 to 40 letters'],
    ['a value that no query could name', ['cam-1'], { site: 'a"b' }, 'tag "a\\"b": a tag\'s value has no quotes'],
    ['too many', ['cam-1'], Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`t${index}`, ''])), 'more than 50 tags'],
  ])('refuses %s, and changes nothing', async (_, deviceIds, set, words) => {
    await expect(tagDevices(database.db, { deviceIds, set, remove: [] })).rejects.toThrow(words);
    expect(await tags()).toEqual([]);
  });
});
