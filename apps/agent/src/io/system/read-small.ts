/** @file Small files of one's own, which somebody may have made large. */
import { constants, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { devNull } from 'node:os';

/** @returns undefined where there is more than `maxBytes`. @throws the system's error where it cannot be read, and where it is no file */
export async function readSmall(path: string, maxBytes: number): Promise<string | undefined> {
  // The usual way to say "no file"; every other device is refused below.
  if (path === devNull) return '';
  // A named pipe without a writer is not waited for.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const facts = await file.stat();
    if (!facts.isFile()) throw Object.assign(new Error(`${path} is no regular file`), { code: noFile(facts) });
    const buffer = Buffer.alloc(maxBytes + 1);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    return bytesRead > maxBytes ? undefined : buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** As the system calls it where it has a name for it. */
function noFile(facts: Stats): string {
  return facts.isDirectory() ? 'EISDIR' : 'no regular file';
}
