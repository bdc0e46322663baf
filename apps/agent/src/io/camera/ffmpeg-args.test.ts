import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { afterEach, expect, it } from 'vitest';
import { hasFfmpeg } from '../../../test/support/media.ts';
import { ffmpegArgs } from './ffmpeg-args.ts';

const side = 64;
const frameBytes = side * side * 3;

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

it.skipIf(!hasFfmpeg)('gives a live frame when the next one comes, and holds none back for its threads', async () => {
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-video_size', `${side}x${side}`];
  const input = ['-fflags', 'nobuffer', '-probesize', '32', '-analyzeduration', '0', ...raw, '-i', 'pipe:0'];
  const args = ffmpegArgs(input, { view: {}, rate: undefined }, { rho: side, crop: 1 });
  const child = spawn('ffmpeg', args, { stdio: ['pipe', 'ignore', 'ignore', 'pipe'] });
  stops.push(() => child.kill('SIGKILL'));
  const frames = child.stdio[3] as Readable;
  let bytes = 0;
  frames.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  const given = 8;
  for (let frame = 0; frame < given; frame += 1) child.stdin?.write(Buffer.alloc(frameBytes, frame * 20));
  while (bytes < (given - 1) * frameBytes) await once(frames, 'data');
  expect(bytes).toBeGreaterThanOrEqual((given - 1) * frameBytes);
});
