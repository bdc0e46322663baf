import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { drawInspectionLine } from '@alpharho/mobilenet-core';
import { isAlpharhoError } from '@alpharho/protocol';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cameraContract, WatchingSink } from '../../../test/contracts/camera.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { rememberedLog } from '../../../test/support/logs.ts';
import { hasFfmpeg, makeImages, makePhotograph, makeVideo, temporaryFolder } from '../../../test/support/media.ts';
import { eventually, isSlow } from '../../../test/support/wait.ts';
import type { FrameFormat } from '../../domain/frames.ts';
import type { Camera } from '../../domain/ports.ts';
import { systemClock as clock } from '../system/clock.ts';
import { ChildCamera } from './child-camera.ts';
import { type FfmpegInput, FfmpegSource } from './ffmpeg-source.ts';
import { openCamera } from './open-camera.ts';

let folder = '';
let images = '';
let video = '';
let remove = async (): Promise<void> => undefined;
const log = rememberedLog();

beforeAll(async () => {
  ({ path: folder, remove } = await temporaryFolder());
  images = await makeImages(join(folder, 'images'), 4);
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

const open = (source: string, more: { rate?: number; loop?: boolean; realtime?: boolean } = {}): Promise<Camera> =>
  openCamera({ source, rate: undefined, loop: true, realtime: true, view: {}, clock, random: Math.random, log, ...more });
const format = { rho: 48, crop: 1 };
const code = (wanted: string) => (error: unknown) => isAlpharhoError(error) && error.code === wanted;

cameraContract('the synthetic line', () => open('synthetic:inspection?seed=3&rate=40'));
cameraContract('a folder of images', () => open(images, { rate: 30 }));
if (hasFfmpeg) cameraContract('a video file', () => open(video));

describe('--camera', () => {
  it('says what is wrong and what would be right', async () => {
    await expect(open('/nowhere/video.mp4')).rejects.toSatisfy(code('camera_missing'));
    await expect(open('synthetic:street')).rejects.toThrow('there is no scene "street"; expected "synthetic:inspection?seed=1&rate=10"');
    await expect(open('synthetic:inspection?seed=x')).rejects.toThrow('seed: ');
    await expect(open('synthetic:inspection?speed=2')).rejects.toThrow('speed');
    await expect(open('synthetic:inspection?rate=600/min')).rejects.toThrow(
      'rate: expected a number of frames a second, above 0 and up to 1000; 600 /min would be 10',
    );
    for (const rate of ['0', '0x10', '10 ms', 'yes', '']) {
      await expect(open(`synthetic:inspection?rate=${rate}`), rate).rejects.toThrow('rate: expected a number of frames a second');
    }
    await expect(open('constructor:x')).rejects.toSatisfy(code('camera_missing'));
    await expect(open('rpicam:front')).rejects.toSatisfy(code('config_invalid'));
    await expect(open('v4l2:/dev/video0?fps=3')).rejects.toSatisfy(code('config_invalid'));
    await expect(open('/dev/null')).rejects.toThrow('neither a file nor a folder');
    await mkdir(join(folder, 'empty'));
    const empty = await open(join(folder, 'empty'));
    await expect(empty.check()).rejects.toSatisfy(code('camera_unreadable'));
  });

  it("is a device, a board's camera or a pipeline by what stands before the colon", async () => {
    const sources = ['/dev/video7', 'v4l2:/dev/video7?rate=15', 'rpicam:1', 'jetson:0?size=1280x720', 'gstreamer:videotestsrc'];
    const names = await Promise.all(sources.map(async (source) => (await open(source)).name));
    expect(names).toEqual(['v4l2:/dev/video7', ...sources.slice(1)]);
    for (const source of sources) expect((await open(source)).isLive).toBe(true);
    expect((await open(images)).isLive).toBe(false);
  });

  it('is told without the secrets in an address', async () => {
    const camera = await open('rtsp://user:secret@camera.example/stream?token=1');
    expect(camera.name).toBe('rtsp://camera.example/stream');
  });
});

describe('the synthetic line', () => {
  it('says that its own rate goes before the setting', async () => {
    await open('synthetic:inspection?rate=20', { rate: 20 });
    await open('synthetic:inspection', { rate: 20 });
    expect(log.lines.join('\n')).not.toContain('does nothing');
    expect(await open('synthetic:inspection?rate=20', { rate: 5 })).toBeDefined();
    expect(log.lines.join('\n')).toContain("the setting rate, 5, does nothing: the camera's address says rate=20");
  });

  it('shows the frames of its seed, one after the other', async () => {
    const camera = await open('synthetic:inspection?seed=9&rate=100');
    const sink = new WatchingSink();
    camera.start(format, sink);
    await eventually('frames', () => sink.frames.length >= 3);
    await camera.stop();
    for (const [index, { pixels }] of sink.frames.entries()) {
      const expected = new Uint8Array(48 * 48 * 3);
      drawInspectionLine(9, index, format, expected);
      expect(Buffer.compare(pixels, expected)).toBe(0);
    }
  });

  it('is seen in part and turned as an operator asks', async () => {
    const view = { roi: { x: 0, y: 0.5, width: 0.5, height: 0.5 }, rotate: 90, mirror: true } as const;
    const options = {
      source: 'synthetic:inspection?seed=9&rate=100',
      rate: undefined,
      loop: true,
      realtime: true,
      view,
      clock,
      random: Math.random,
      log,
    };
    const camera = await openCamera(options);
    const sink = new WatchingSink();
    camera.start(format, sink);
    await eventually('a frame', () => sink.frames.length > 0);
    await camera.stop();
    const expected = new Uint8Array(48 * 48 * 3);
    drawInspectionLine(9, 0, { ...format, view }, expected);
    expect(sink.frames[0]?.pixels).toEqual(expected);
  });

  it.skipIf(isSlow)('keeps its rate', async () => {
    const camera = await open('synthetic', { rate: 50 });
    const sink = new WatchingSink();
    const start = clock.monotonic();
    camera.start(format, sink);
    await eventually('frames', () => sink.frames.length >= 50);
    const rate = (sink.frames.length - 1) / ((clock.monotonic() - start) / 1000);
    await camera.stop();
    expect(rate).toBeGreaterThan(20);
    expect(rate).toBeLessThan(70);
  });
});

describe('a folder of images', () => {
  it('passes over what cannot be decoded, says so once, and goes on', async () => {
    const mixed = await makeImages(join(folder, 'mixed'), 2);
    const whole = await readFile(join(mixed, '0.png'));
    const jpeg = await sharp(whole).jpeg().toBuffer();
    const damaged: Record<string, Uint8Array | string> = {
      '0-broken.jpg': 'no picture',
      '1-empty.jpg': '',
      '2-cut.jpg': jpeg.subarray(0, jpeg.length * 0.7),
      '3-cut.png': whole.subarray(0, whole.length / 2),
      '4-rubbish.png': jpeg.subarray(500),
    };
    for (const [name, bytes] of Object.entries(damaged)) await writeFile(join(mixed, name), bytes);
    await writeFile(join(mixed, 'notes.txt'), 'no picture either');
    const camera = await open(mixed, { rate: 100 });
    const sink = new WatchingSink();
    camera.start(format, sink);
    await eventually('three rounds', () => sink.frames.length >= 6);
    await camera.stop();
    for (const name of Object.keys(damaged)) {
      const told = log.lines.filter((line) => line.includes(name));
      expect(told, name).toHaveLength(1);
      expect(told[0]).toMatch(/^warn image passed over: .+: .+/);
    }
    expect(sink.faults).toEqual([]);
  });

  it('tells where not one image can be decoded, and where it works again', async () => {
    const { path: bad, remove: removeBad } = await temporaryFolder();
    await writeFile(join(bad, 'a.jpg'), 'no picture');
    const camera = await open(bad, { rate: 100 });
    const sink = new WatchingSink();
    camera.start(format, sink);
    await eventually('a fault', () => sink.faults.length > 0);
    await makeImages(bad, 1);
    await eventually('recovery', () => sink.recoveries > 0 && sink.frames.length > 0);
    await camera.stop();
    await removeBad();
    expect(sink.faults[0]).toContain('not one of its images can be decoded');
  });

  it('ends after the last image where it is not to begin again', async () => {
    const camera = await open(images, { rate: 100, loop: false });
    const sink = new WatchingSink();
    camera.start(format, sink);
    await eventually('the end', () => sink.isOver);
    await camera.stop();
    expect(sink.frames).toHaveLength(4);
  });
});

describe('ffmpeg', () => {
  it('that is not installed is told with the cure', async () => {
    const camera = through(join(folder, 'no-ffmpeg'), images);
    await expect(camera.check()).rejects.toThrow('is not installed, and this camera needs it; on Debian: apt-get install ffmpeg');
  });

  it('that goes away later is a fault of the camera, and no crash', async () => {
    const camera = through(join(folder, 'no-ffmpeg'), images);
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
