/** @file Files that are there whole or not at all: written beside, flushed to the disk, then renamed. */
import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { diskError, systemCode } from './disk-error.ts';
import { makeFolder } from './make-folder.ts';

export type FileAccess = {
  /** Permission bits, whatever the process's mask; what nobody else may read is never there for others to read. */
  readonly mode: number;
  /** The process's own unless given. */
  readonly owner?: { readonly uid: number; readonly gid: number };
};

/** @throws AlpharhoError disk_full or disk_read_only; what was there before is still there then */
export async function writeWhole(file: string, content: Uint8Array | string, access?: FileAccess): Promise<void> {
  // Its own name: somebody else may be about to replace the same file.
  const temporary = `${file}.${process.pid}-${randomBytes(4).toString('hex')}.new`;
  try {
    await makeFolder(dirname(file));
    await removeAbandoned(file);
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

/** What a writer that was killed has left beside the file. */
async function removeAbandoned(file: string): Promise<void> {
  const names = (await readdir(dirname(file))).filter((name) => name.startsWith(`${basename(file)}.`));
  for (const name of names) {
    const pid = /^\.(\d+)-[0-9a-f]{8}\.new$/.exec(name.slice(basename(file).length))?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(dirname(file), name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return systemCode(error) === 'EPERM';
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
