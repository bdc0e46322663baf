import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cameraContract, WatchingSink } from '../../../test/contracts/camera.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { hasFfmpeg, makePhotograph, makeVideo, temporaryFolder } from '../../../test/support/media.ts';
import { open } from '../../../test/support/open-camera.ts';
import { eventually } from '../../../test/support/wait.ts';
import type { FrameFormat } from '../../domain/frames.ts';
import { systemClock as clock } from '../system/clock.ts';
import { ChildCamera } from './child-camera.ts';
import { type FfmpegInput, FfmpegSource } from './ffmpeg-source.ts';

let folder = '';
let video = '';
let remove = async (): Promise<void> => undefined;

beforeAll(async () => {
  ({ path: folder, remove } = await temporaryFolder());
  if (hasFfmpeg) video = await makeVideo(join(folder, 'a video: 1.mp4'), 2);
});
afterAll(() => remove());

/** Takes the next frame when it is told to. */
class RoomySink extends WatchingSink {
  asked = false;
  private go: () => void = () => undefined;
  private isFull = false;

  override commit(wanted: FrameFormat, captureMs: number): void {
    super.commit(wanted, captureMs);
    this.isFull = true;
  }

  override room(): Promise<void> | undefined {
    if (!this.isFull) return undefined;
    this.asked = true;
    return new Promise((resolve) => {
      this.go = resolve;
    });
  }

  take(): void {
    this.isFull = false;
    this.asked = false;
    this.go();
  }
}

const format = { rho: 48, crop: 1 };

if (hasFfmpeg) cameraContract('a video file', () => open(video));

describe('ffmpeg', () => {
  it('that is not installed is told with the cure', async () => {
    const camera = through(join(folder, 'no-ffmpeg'), folder);
    await expect(camera.check()).rejects.toThrow('is not installed, and this camera needs it; on Debian: apt-get install ffmpeg');
  });

  it('that goes away later is a fault of the camera, and no crash', async () => {
    const camera = through(join(folder, 'no-ffmpeg'), folder);
    const sink = new WatchingSink();
    camera.start(format, sink);
    await eventually('a fault', () => sink.faults.length > 0);
    await camera.stop();
    expect(sink.faults[0]).toContain('not installed');
  });
});

describe.skipIf(!hasFfmpeg)('a video through ffmpeg', () => {
  it('plays at its own rate and begins again at its end', async () => {
    const camera = await open(video);
    const sink = new WatchingSink();
    camera.start(format, sink);
    await eventually('the first frame', () => sink.frames.length > 0);
    const start = clock.monotonic();
    const first = sink.frames.length;
    await eventually('more frames than the file has', () => sink.frames.length >= 75);
    const rate = (sink.frames.length - first) / ((clock.monotonic() - start) / 1000);
    await camera.stop();
    expect(rate).toBeGreaterThan(5);
    expect(rate).toBeLessThan(50);
    expect(sink.faults).toEqual([]);
  });

  it('is thinned where another rate is asked for', async () => {
    const camera = await open(video, { rate: 5, loop: false });
    const sink = new WatchingSink();
    camera.start(format, sink);
    await eventually('the end', () => sink.isOver);
    await camera.stop();
    expect(sink.frames.length).toBeGreaterThanOrEqual(9);
    expect(sink.frames.length).toBeLessThanOrEqual(12);
  });

  it('ends with its last frame where it is not to begin again, and gave every frame', async () => {
    const camera = await open(video, { loop: false });
    const sink = new WatchingSink();
    camera.start(format, sink);
    await eventually('the end', () => sink.isOver);
    await camera.stop();
    expect(sink.frames).toHaveLength(50);
    expect(sink.faults).toEqual([]);
  });

  it('waits with each frame until it is welcome where it is not played in real time, and gives every one of them', async () => {
    const camera = await open(video, { loop: false, realtime: false });
    const sink = new RoomySink();
    camera.start(format, sink);
    for (let welcome = 1; welcome <= 50; welcome += 1) {
      await eventually('the next frame', () => sink.frames.length >= welcome);
      await eventually('nothing but a question', () => sink.asked);
      expect(sink.frames).toHaveLength(welcome);
      expect(sink.isOver).toBe(false);
      sink.take();
    }
    await eventually('the end', () => sink.isOver);
    await camera.stop();
    expect(sink.frames).toHaveLength(50);
    expect(sink.faults).toEqual([]);
  });

  it('stops while a frame waits for room', async () => {
    const camera = await open(video, { realtime: false });
    const sink = new RoomySink();
    camera.start(format, sink);
    await eventually('a frame that waits', () => sink.asked);
    await camera.stop();
    expect(sink.frames).toHaveLength(1);
  });

  it('goes on where it was when the size changes', async () => {
    const long = await makeVideo(join(folder, 'long.mp4'), 20);
    const camera = await open(long);
    const sink = new WatchingSink();
    camera.start(format, sink);
    await eventually('two seconds', () => sink.frames.length >= 50);
    camera.resize({ rho: 40, crop: 1 });
    const seen = await eventually('the new size', () => sink.frames.find((frame) => frame.format.rho === 40));
    await camera.stop();
    // Had the file begun anew, its very first frame would come first.
    const again = await open(long);
    const other = new WatchingSink();
    again.start({ rho: 40, crop: 1 }, other);
    await eventually('a first frame', () => other.frames.length > 0);
    await again.stop();
    expect(Buffer.compare(seen.pixels, other.frames[0]?.pixels ?? new Uint8Array())).not.toBe(0);
  });

  it('that changes its size in the middle goes on, in the same crop', async () => {
    const sizes = join(folder, 'two-sizes.ts');
    const photograph = await makePhotograph(join(folder, 'photograph.png'));
    for (const [index, size] of ['320:240', '160:200'].entries()) {
      await promisify(execFile)('ffmpeg', [
        ...[
          '-loglevel',
          'error',
          '-loop',
          '1',
          '-framerate',
          '25',
          '-i',
          photograph,
          '-t',
          '1',
          '-vf',
          `scale=${size}`,
          '-pix_fmt',
          'yuv420p',
        ],
        ...['-c:v', 'mpeg2video', '-q:v', '2', '-f', 'mpegts', '-output_ts_offset', String(index), `${sizes}.${index}`],
      ]);
    }
    await writeFile(sizes, Buffer.concat([await readFile(`${sizes}.0`), await readFile(`${sizes}.1`)]));
    const camera = await open(sizes, { loop: false });
    const sink = new WatchingSink();
    camera.start(format, sink);
    await eventually('the end', () => sink.isOver);
    await camera.stop();
    expect(sink.frames.length).toBeGreaterThanOrEqual(48);
    const [first, last] = [sink.frames[5], sink.frames.at(-5)].map((frame) => frame?.pixels as Uint8Array) as [Uint8Array, Uint8Array];
    const difference = first.reduce((sum, value, at) => sum + Math.abs(value - (last[at] as number)), 0) / first.length;
    expect(difference, 'of 255, on average').toBeLessThan(5);
  });

  it('is not disturbed by what a program prints', async () => {
    const binary = await script('talker', 'echo rubbish; head -c 100000 /dev/urandom; head -c 100000 /dev/urandom >&2; exec ffmpeg "$@"');
    const [camera, plain] = [through(binary, video), through('ffmpeg', video)];
    const [sink, other] = [new WatchingSink(), new WatchingSink()];
    camera.start(format, sink);
    plain.start(format, other);
    await eventually('frames', () => sink.frames.length >= 3 && other.frames.length >= 3);
    await Promise.all([camera.stop(), plain.stop()]);
    for (let index = 0; index < 3; index += 1) expect(sink.frames[index]?.pixels).toEqual(other.frames[index]?.pixels);
  });

  it('that stalls is given up, told, and begun again', async () => {
    const fake = new FakeClock();
    const pids = join(folder, 'pids');
    const binary = await script('silent', `echo $$ >> ${pids}; exec sleep 1000`);
    const camera = new ChildCamera({ source: new FfmpegSource(playing(video), binary), clock: fake, random: () => 0 });
    const sink = new WatchingSink();
    camera.start(format, sink);
    const started = (count: number) => () => existsSync(pids) && readFileSync(pids, 'utf8').split('\n').length > count;
    await eventually('the first child', started(1));
    await fake.advance(20_000);
    await eventually('a fault', () => sink.faults.length === 1);
    await fake.advance(1000);
    await eventually('the second child', started(2));
    await camera.stop();
    expect(sink.faults[0]).toContain('no frame for 20 s');
    for (const pid of readFileSync(pids, 'utf8').trim().split('\n')) expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH');
  });

  it('that stands still after some frames is given up too', async () => {
    const fake = new FakeClock();
    const binary = await script('halting', `head -c ${48 * 48 * 3 * 2 + 100} /dev/zero >&3; exec sleep 1000`);
    const camera = new ChildCamera({ source: new FfmpegSource(playing(video), binary), clock: fake, random: () => 0 });
    const sink = new WatchingSink();
    camera.start(format, sink);
    await eventually('frames', () => sink.frames.length === 2);
    await fake.advance(9900);
    expect(sink.faults).toEqual([]);
    await fake.advance(200);
    expect(sink.faults).toEqual([expect.stringContaining('no frame for 10 s')]);
    await fake.advance(1000);
    // The next child's frames begin where they should, whatever the first one left behind.
    await eventually('frames again', () => sink.frames.length === 4 && sink.recoveries === 1);
    await camera.stop();
  });

  it.each([
    ['no video', 'this is no video '.repeat(100)],
    ['cut short', undefined],
  ])('that is %s is a fault in words of ours, tried again and not a crash', async (_, text) => {
    const broken = join(folder, 'broken.mp4');
    // What ffmpeg needs to read a video stands at its end.
    await writeFile(broken, text ?? (await readFile(video)).subarray(0, -200));
    const camera = await open(broken);
    const sink = new WatchingSink();
    await camera.check();
    camera.start(format, sink);
    await eventually('two tries', () => sink.faults.length >= 2);
    await camera.stop();
    expect(sink.faults[0]).toMatch(/broken\.mp4 gives no frames: the video is cut short, damaged, or none; .*Invalid data found/);
    expect(sink.frames).toEqual([]);
  });

  it('from an address that does not answer is a fault without the secrets in it', async () => {
    const camera = await open('http://user:secret@127.0.0.1:9/stream?token=hush');
    const sink = new WatchingSink();
    camera.start(format, sink);
    await eventually('a fault', () => sink.faults.length > 0);
    await camera.stop();
    expect(sink.faults[0]).toContain('http://127.0.0.1:9/stream gives no frames');
    expect(sink.faults[0]).not.toMatch(/secret|hush/);
  });

  it('comes back when its child is killed', async () => {
    const binary = await script('killable', `echo $$ > ${join(folder, 'pid')}\nexec ffmpeg "$@"`);
    const camera = through(binary, video);
    const sink = new WatchingSink();
    camera.start(format, sink);
    await eventually('frames', () => sink.frames.length >= 3);
    process.kill(Number(await readFile(join(folder, 'pid'), 'utf8')), 'SIGKILL');
    await eventually('a fault', () => sink.faults.length === 1);
    const before = sink.frames.length;
    await eventually('frames again', () => sink.recoveries === 1 && sink.frames.length > before);
    await camera.stop();
    expect(sink.faults[0]).toContain('SIGKILL');
  });

  it('changes size even where the source lets only one reader in', async () => {
    const binary = await script('one-reader', `exec flock --no-fork --nonblock ${join(folder, 'lock')} ffmpeg "$@"`);
    const camera = through(binary, video);
    const sink = new WatchingSink();
    camera.start(format, sink);
    await eventually('frames', () => sink.frames.length >= 3);
    camera.resize({ rho: 40, crop: 1 });
    await eventually('the new size', () => sink.frames.some((frame) => frame.format.rho === 40));
    await camera.stop();
    const sizes = sink.frames.map((frame) => frame.format.rho);
    expect(sizes.lastIndexOf(48)).toBeLessThan(sizes.indexOf(40));
  });
});

function through(program: string, source: string): ChildCamera {
  return new ChildCamera({ source: new FfmpegSource(playing(source), program), clock, random: Math.random });
}

function playing(source: string): FfmpegInput {
  return { source, kind: 'file', loop: true, realtime: true, rate: undefined, view: {} };
}

async function script(name: string, body: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return path;
}
