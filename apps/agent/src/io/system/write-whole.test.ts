import { spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/media.ts';
import { checkEditable, editConfigFile } from '../../settings/edit-file.ts';
import { writeWhole } from './write-whole.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

it('takes several writers of one file at once: what is there is whole, and nothing else is', async () => {
  const file = join(folder.path, 'etc', 'config.yaml');
  const texts = Array.from({ length: 8 }, (_, index) => String(index).repeat(100_000 + index));
  await Promise.all(texts.map((text) => writeWhole(file, text)));
  expect(texts).toContain(await readFile(file, 'utf8'));
  expect(await readdir(join(folder.path, 'etc'))).toEqual(['config.yaml']);
});

it('takes several who write settings at once', async () => {
  const file = join(folder.path, 'etc', 'config.yaml');
  const write = async (id: string) => {
    await checkEditable(file);
    await editConfigFile(file, { id });
  };
  await Promise.all(['a', 'b', 'c', 'd'].map(write));
  expect(await readFile(file, 'utf8')).toMatch(/^id: [abcd]$/m);
  expect(await readdir(join(folder.path, 'etc'))).toEqual(['config.yaml']);
});

it('removes what a writer that was killed has left', async () => {
  const file = join(folder.path, 'state.json');
  const { pid } = spawnSync(process.execPath, ['--version']);
  await writeFile(`${file}.${pid}-0123abcd.new`, 'half');
  await writeFile(`${file}.${process.pid}-0123abcd.new`, 'under way');
  await writeWhole(file, 'whole');
  expect((await readdir(folder.path)).sort()).toEqual(['state.json', `state.json.${process.pid}-0123abcd.new`].sort());
});
