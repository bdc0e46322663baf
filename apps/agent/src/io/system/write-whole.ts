/** @file Files that are there whole or not at all: written beside, flushed to the disk, then renamed. */
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { diskError } from './disk-error.ts';

export type FileAccess = {
  /** Permission bits, whatever the process's mask; what nobody else may read is never there for others to read. */
  readonly mode: number;
  /** The process's own unless given. */
  readonly owner?: { readonly uid: number; readonly gid: number };
};

/** @throws AlpharhoError disk_full or disk_read_only; what was there before is still there then */
export async function writeWhole(file: string, content: Uint8Array | string, access?: FileAccess): Promise<void> {
  const temporary = `${file}.new`;
  try {
    await mkdir(dirname(file), { recursive: true });
    // One that an earlier try left behind may be open to others.
    await rm(temporary, { force: true });
    const handle = await open(temporary, 'wx', access?.mode);
    try {
      if (access?.owner !== undefined) await handle.chown(access.owner.uid, access.owner.gid);
      if (access !== undefined) await handle.chmod(access.mode);
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await moveInto(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw diskError(file, error);
  }
}

/** Renames, and flushes the folder: without that a power cut may bring the old name back (fsync(2)). */
export async function moveInto(from: string, to: string): Promise<void> {
  await rename(from, to);
  const folder = await open(dirname(to), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
