/** @file Pictures and videos that tests make for themselves. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';

const run = promisify(execFile);

export const hasFfmpeg = ((): boolean => {
  try {
    execFileSync('ffmpeg', ['-version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

if (!hasFfmpeg)
  process.stderr.write('skipped: camera tests that need ffmpeg, which is not installed (on Debian: apt-get install ffmpeg)\n');

/** A folder of its own that goes away with `remove`. */
export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'alpharho-agent-'));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** ffmpeg's moving test picture, 25 frames a second. */
export async function makeVideo(path: string, seconds: number): Promise<string> {
  await run('ffmpeg', [
    '-hide_banner',
    '-loglevel',
    'error',
    '-f',
    'lavfi',
    '-i',
    `testsrc2=size=160x120:rate=25:duration=${seconds}`,
    '-pix_fmt',
    'yuv420p',
    '-y',
    path,
  ]);
  return path;
}

/** Coloured noise, one picture a file. */
export async function makeImages(folder: string, count: number): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (let index = 0; index < count; index += 1) {
    const pixels = Buffer.from(Array.from({ length: 80 * 60 * 3 }, (_, at) => (at * 7 + index * 50) % 256));
    await sharp(pixels, { raw: { width: 80, height: 60, channels: 3 } })
      .png()
      .toFile(join(folder, `${index}.png`));
  }
  return folder;
}
