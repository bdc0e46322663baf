import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlpharhoError } from '@alpharho/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rememberedLog } from '../../../test/support/logs.ts';
import { temporaryFolder } from '../../../test/support/media.ts';
import { onWire, variant } from '../../../test/support/variants.ts';
import type { KeptState } from '../../domain/kept-state.ts';
import { fileJournal } from './journal.ts';

const state: KeptState = {
  v: 1,
  revision: 3,
  target: 'b'.repeat(64),
  committed: onWire(variant('a')),
  outcome: { code: 'refused', error: { code: 'digest_mismatch', message: 'other bytes' } },
  trying: { sha256: 'b'.repeat(64), deaths: 1 },
};

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

describe('the journal', () => {
  it('gives back what was written, and nothing where nothing was', async () => {
    const journal = fileJournal(join(folder.path, 'data', 'state.json'), rememberedLog());
    expect(await journal.load()).toBeUndefined();
    await journal.save(state);
    expect(await journal.load()).toEqual(state);
    expect(await readdir(join(folder.path, 'data'))).toEqual(['state.json']);
  });

  it('sets aside what it cannot read, and says so', async () => {
    for (const damage of ['{"v":1,"revi', '{"v":2}', '"x"', 'x'.repeat(100_000)]) {
      const file = join(folder.path, 'state.json');
      await writeFile(file, damage);
      const log = rememberedLog();
      const journal = fileJournal(file, log);
      expect(await journal.load()).toBeUndefined();
      expect(log.lines).toEqual([expect.stringMatching(/^error .*state\.json cannot be read .*set aside/)]);
      expect(await readFile(`${file}.damaged`, 'utf8')).toBe(damage);
    }
  });

  it('keeps the old state where the new one cannot be written', async () => {
    const file = join(folder.path, 'data', 'state.json');
    await writeFile(join(folder.path, 'data'), 'a file where the folder should be');
    const journal = fileJournal(file, rememberedLog());
    await expect(journal.save(state)).rejects.toSatisfy((error) => isAlpharhoError(error, 'disk_read_only'));
    await rm(join(folder.path, 'data'));
    await journal.save(state);
    expect(await journal.load()).toEqual(state);
  });
});
