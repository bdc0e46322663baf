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

export const hasGstreamer = ((): boolean => {
  try {
    execFileSync('gst-launch-1.0', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

if (!hasGstreamer)
  process.stderr.write(
    'skipped: camera tests that need GStreamer (on Debian: apt-get install gstreamer1.0-tools gstreamer1.0-plugins-good)\n',
  );

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

/** A picture that looks different whichever way it is turned, mirrored or cut; 4:3, with soft edges and colours everywhere. */
export async function makePhotograph(path: string, width = 640, height = 480): Promise<string> {
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 640 480">
    <defs>
      <linearGradient id="sky" x1="0" y1="0" x2="1" y2="0"><stop offset="0" stop-color="#204080"/><stop offset="1" stop-color="#e0c080"/></linearGradient>
      <linearGradient id="shade" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#000" stop-opacity="0"/><stop offset="1" stop-color="#000" stop-opacity="0.6"/></linearGradient>
    </defs>
    <rect width="640" height="480" fill="url(#sky)"/><rect width="640" height="480" fill="url(#shade)"/>
    <path d="M120 60 h220 v60 h-150 v70 h110 v60 h-110 v170 h-70 z" fill="#d03030"/>
    <circle cx="480" cy="340" r="90" fill="#30a060"/><rect x="20" y="400" width="90" height="60" fill="#f0f0f0"/>
  </svg>`;
  await sharp(Buffer.from(drawing)).removeAlpha().png().toFile(path);
  return path;
}
