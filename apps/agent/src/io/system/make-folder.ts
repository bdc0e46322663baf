/** @file Folders that are made as they are needed. */
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AlpharhoError } from '@alpharho/protocol';
import { systemCode } from './disk-error.ts';

/**
 * The folder and those above it. Node's own recursive way never ends where the system says that a folder is missing in one that is there,
 * as it does under /proc.
 * @throws AlpharhoError disk_read_only where there can be none, else the system's error
 */
export async function makeFolder(path: string): Promise<void> {
  if (await isMade(path)) return;
  await makeFolder(dirname(path));
  await mkdir(path).catch(async (error: unknown) => {
    const isThere = systemCode(error) === 'EEXIST' && (await stat(path)).isDirectory();
    if (!isThere) throw error;
  });
}

/** @returns false where the folder above is missing */
async function isMade(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') {
      const above = await stat(dirname(path)).catch(() => undefined);
      if (above === undefined) return false;
      throw new AlpharhoError('disk_read_only', `${path}: no folder can be made there; name another place`, { cause: error });
    }
    // Where the way there is read-only or not ours, the folder may be there all the same.
    if ((await stat(path).catch(() => undefined))?.isDirectory() === true) return true;
    throw error;
  }
}
