/** @file Small files of one's own, which somebody may have made large. */
import { open } from 'node:fs/promises';

/** @returns undefined where there is more than `maxBytes`. @throws the system's error where it cannot be read */
export async function readSmall(path: string, maxBytes: number): Promise<string | undefined> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(maxBytes + 1);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    return bytesRead > maxBytes ? undefined : buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
