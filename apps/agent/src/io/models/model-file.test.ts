import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/media.ts';
import { modelFile } from './model-file.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

describe('a variant file that an operator names', () => {
  it('is read as it is when it is asked for', async () => {
    const path = join(folder.path, 'late.onnx');
    const file = modelFile(path);
    await writeFile(path, 'bytes');
    expect(Buffer.from(await file.read()).toString()).toBe('bytes');
  });

  it.each([
    ['missing.onnx', 'cannot be read (ENOENT)'],
    ['.', 'is not a regular file'],
  ])('%s is refused by its name', async (name, why) => {
    const path = join(folder.path, name);
    const fault = { code: 'model_missing', message: `--model ${path} ${why}; expected a variant file (.onnx)` };
    await expect(modelFile(path).read()).rejects.toMatchObject(fault);
  });

  it('is no device, which never ends', async () => {
    await expect(modelFile('/dev/zero').read()).rejects.toMatchObject({ code: 'model_missing' });
  });
});
