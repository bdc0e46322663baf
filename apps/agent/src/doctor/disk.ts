/** @file Whether the data folder can be written, how fast, and how much room there is. */
import { open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { diskError } from '../io/system/disk-error.ts';
import { makeFolder } from '../io/system/make-folder.ts';
import { type Finding, failure, ok, warning, wordsOf } from './findings.ts';

/** The largest variant, its predecessor, and the journal. */
const minBytes = 100e6;
/** A flush that takes longer is a worn or very slow card; the agent copes, and the card will not last. */
const slowFlushMs = 500;

/** @param outboxBytes what results may take while the hub is away */
export async function checkDisk(folder: string, outboxBytes: number): Promise<Finding> {
  const probe = join(folder, `.doctor-${process.pid}`);
  try {
    await makeFolder(folder);
    const ms = await timeFlush(probe);
    const { bavail, bsize } = await statfs(folder);
    return judge(folder, bavail * bsize, ms, outboxBytes);
  } catch (error) {
    const fault = diskError(folder, error);
    return failure('disk', wordsOf(fault), `give the agent a folder that its user can write: --data-dir FOLDER, or chown it`);
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
}

async function timeFlush(file: string): Promise<number> {
  const handle = await open(file, 'w', 0o600);
  try {
    const start = performance.now();
    await handle.write(Buffer.alloc(4096, 1));
    await handle.sync();
    return performance.now() - start;
  } finally {
    await handle.close();
  }
}

function judge(folder: string, free: number, ms: number, outboxBytes: number): Finding {
  const facts = `${folder}: ${(free / 1e9).toFixed(1)} GB free, 4 KB flushed in ${ms.toFixed(0)} ms`;
  if (free < minBytes)
    return failure('disk', facts, `free ${Math.ceil((minBytes - free) / 1e6)} MB, or name a folder on another disk: --data-dir FOLDER`);
  if (free < minBytes + outboxBytes) {
    return warning(
      'disk',
      facts,
      `an hour without the hub may fill it; free space, or set --outbox-limit ${Math.max(Math.floor((free - minBytes) / 1e6), 1)}`,
    );
  }
  if (ms > slowFlushMs) return warning('disk', facts, 'this card or disk is slow or worn; a better one, or an SSD, lasts longer');
  return ok('disk', facts);
}
