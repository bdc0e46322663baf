/** @file Damaged files are kept for whoever wants to look, under names with a number, the newest few and not too many bytes. */
import { readdir, rename, rm, stat, truncate } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { systemCode } from '../system/disk-error.ts';

const maxFiles = 3;
const maxBytes = 32_000_000;

/**
 * Moves the file, with SQLite's log of it, out of the way.
 * @returns where it is now
 * @throws the file system's error where it cannot be moved
 */
export async function setAside(file: string): Promise<string> {
  const earlier = await asides(file);
  const aside = `${file}.damaged-${(earlier.at(-1)?.number ?? 0) + 1}`;
  await rename(file, aside);
  // A log left behind would be taken for the new file's, and bring the damage back.
  await moveIfThere(`${file}-wal`, `${aside}-wal`);
  await keepFew(file);
  return aside;
}

type Aside = { readonly path: string; readonly number: number };

/** Oldest first. */
async function asides(file: string): Promise<Aside[]> {
  const prefix = `${basename(file)}.damaged-`;
  const names = await readdir(dirname(file));
  return names
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map((name) => ({ path: join(dirname(file), name), number: Number(name.slice(prefix.length)) }))
    .sort((a, b) => a.number - b.number);
}

async function keepFew(file: string): Promise<void> {
  let bytes = 0;
  for (const [age, { path }] of (await asides(file)).reverse().entries()) {
    if (age >= maxFiles || bytes >= maxBytes) {
      await rm(path, { force: true });
      await rm(`${path}-wal`, { force: true });
      continue;
    }
    for (const part of [path, `${path}-wal`]) bytes += await shorten(part, maxBytes - bytes);
  }
}

/** @returns the bytes that it takes now */
async function shorten(path: string, limit: number): Promise<number> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size <= limit) return size;
  await truncate(path, limit);
  return limit;
}

async function moveIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}
