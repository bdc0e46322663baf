import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HotBlobs } from './hot-blobs.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alpharho-hot-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function blob(digit: string, size: number) {
  const path = join(folder, digit);
  await writeFile(path, Buffer.alloc(size, digit));
  return { sha256: digit.repeat(64), size, path };
}

describe('model files in memory', () => {
  it('are read once for all who fetch the same at a time', async () => {
    const hot = new HotBlobs(100);
    const file = await blob('1', 60);
    const [one, other] = await Promise.all([hot.hold(file), hot.hold(file)]);
    expect(one?.bytes.toString()).toBe('1'.repeat(60));
    expect(other?.bytes).toBe(one?.bytes);
  });

  it('never take more than their budget: who finds no room reads from the disk', async () => {
    const hot = new HotBlobs(100);
    const [first, second, third] = [await blob('1', 60), await blob('2', 60), await blob('3', 101)];
    const held = await hot.hold(first);
    expect(await hot.hold(second)).toBeUndefined();
    expect(await hot.hold(third)).toBeUndefined();
    held?.release();
    expect((await hot.hold(second))?.bytes.toString()).toBe('2'.repeat(60));
    expect(await hot.hold(first)).toBeUndefined();
  });

  it('that could not be read are read anew', async () => {
    const hot = new HotBlobs(100);
    const file = await blob('1', 60);
    await rm(file.path);
    await expect(hot.hold(file)).rejects.toThrow('ENOENT');
    await blob('1', 60);
    expect((await hot.hold(file))?.bytes).toHaveLength(60);
  });
});
