import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlpharhoError } from '@alpharho/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cameraContract, WatchingSink } from '../../../test/contracts/camera.ts';
import { hasGstreamer, temporaryFolder } from '../../../test/support/media.ts';
import { eventually } from '../../../test/support/wait.ts';
import { systemClock as clock } from '../system/clock.ts';
import { ChildCamera } from './child-camera.ts';
import type { ChildSource } from './child-source.ts';
import { gstreamerSource, jetsonSource, splitPipeline } from './gstreamer-source.ts';

let folder = '';
let remove = async (): Promise<void> => undefined;
const picture = { view: {}, rate: undefined };
const format = { rho: 64, crop: 0.875 };
const moving = 'videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=30/1';

beforeAll(async () => {
  ({ path: folder, remove } = await temporaryFolder());
});
afterAll(() => remove());

const run = (source: ChildSource): ChildCamera => new ChildCamera({ source, clock, random: Math.random });
const args = async (source: ChildSource, rho = 64, crop = 0.875) =>
  (await source.command({ rho, crop }, 0, new AbortController().signal, async () => undefined)).args.join(' ');

if (hasGstreamer) cameraContract('a GStreamer pipeline', async () => run(gstreamerSource(moving, picture)));

describe('a pipeline as an operator writes it', () => {
  it('is read as a shell would, but for its quotes, which GStreamer reads', () => {
    expect(splitPipeline('filesrc location="/a b/c.mp4" ! decodebin !')).toEqual(['filesrc', 'location="/a b/c.mp4"', '!', 'decodebin']);
    expect(splitPipeline(" v4l2src  device='/dev/v4l/by id/x' ")).toEqual(['v4l2src', "device='/dev/v4l/by id/x'"]);
  });

  it('has no end of its own', () => {
    expect(() => gstreamerSource('videotestsrc ! fakesink', picture)).toThrow('the pipeline has a sink, and the agent adds its own');
    expect(() => gstreamerSource(' ! ', picture)).toThrow('the pipeline is empty');
  });

  it('is told without the secrets in it', () => {
    const text = 'rtspsrc location=rtsp://me:hush@cam.local/s?token=hush user-id=me user-pw="hush hush" ! decodebin';
    expect(gstreamerSource(text, picture).name).toBe('gstreamer:rtspsrc location=rtsp://cam.local/s?… user-id=… user-pw=… ! decodebin');
  });

  it('lets one reader in where it reads a device', () => {
    expect(gstreamerSource('v4l2src device=/dev/video2', picture).oneReader).toBe(true);
    expect(gstreamerSource('videotestsrc', picture).oneReader).toBe(false);
  });
});

describe("a Jetson's camera, by its command line only", () => {
  it('is cropped, scaled and turned by the video converter', async () => {
    const view = { roi: { x: 0.5, y: 0, width: 0.5, height: 1 }, rotate: 180 as const };
    expect(await args(jetsonSource('1?size=1280x720&rate=60&mode=4', { view, rate: undefined }), 96, 1)).toBe(
      '-q nvarguscamerasrc sensor-id=1 sensor-mode=4 ! video/x-raw(memory:NVMM),width=1280,height=720,framerate=60000/1000 ' +
        '! nvvidconv left=0 right=640 top=0 bottom=720 flip-method=2 ! video/x-raw,format=RGBA,width=96,height=96 ' +
        '! videoconvert ! video/x-raw,format=RGB ! fdsink fd=3',
    );
  });

  it.each(['', 'a', '0?size=big', '0?rate=-1', '0?gain=2'])('is not made for %j', (address) => {
    expect(() => jetsonSource(address, picture)).toThrow(/^--camera jetson:.*; expected "jetson:0/);
  });
});

describe.skipIf(!hasGstreamer)('gst-launch-1.0', () => {
  it.each([50, 64, 97])('gives whole rows at ρ %i, padded or not', async (rho) => {
    // Bars from left to right: every row is the same, so a row that begins too late shows.
    const camera = run(gstreamerSource('videotestsrc is-live=true pattern=smpte75 ! video/x-raw,width=320,height=240', picture));
    const sink = new WatchingSink();
    camera.start({ rho, crop: 1 }, sink);
    await eventually('frames', () => sink.frames.length >= 2);
    await camera.stop();
    const { pixels } = sink.frames[0] as { pixels: Uint8Array };
    const row = (index: number) => [...pixels.subarray(index * rho * 3, (index + 1) * rho * 3)];
    const middle = Math.floor(rho / 3);
    for (let index = 1; index < middle; index += 1) {
      const difference = row(index).map((value, at) => Math.abs(value - (row(0)[at] as number)));
      expect(Math.max(...difference), 'more than rounding').toBeLessThan(4);
    }
  });

  it('thins the frames to the rate that is asked for', async () => {
    const camera = run(gstreamerSource(moving, { view: {}, rate: 5 }));
    const sink = new WatchingSink();
    camera.start(format, sink);
    await eventually('frames', () => sink.frames.length >= 1);
    const start = clock.monotonic();
    await eventually('more frames', () => sink.frames.length >= 8);
    const rate = 7 / ((clock.monotonic() - start) / 1000);
    await camera.stop();
    expect(rate).toBeGreaterThan(1);
    expect(rate).toBeLessThan(12);
  });

  it('goes on through a change of size within the stream', async () => {
    const two = 'video/x-raw,width=320,height=240,framerate=30/1';
    const other = 'video/x-raw,width=640,height=360,framerate=30/1';
    // One source after the other, of different sizes, on one pad.
    const changing = `concat name=c videotestsrc is-live=false num-buffers=20 pattern=red ! ${two} ! c. videotestsrc pattern=blue ! ${other} ! c. c.`;
    const camera = run(gstreamerSource(changing, picture));
    const sink = new WatchingSink();
    camera.start(format, sink);
    const isBlue = ({ pixels }: { pixels: Uint8Array }) => (pixels[2] as number) > 200 && (pixels[0] as number) < 60;
    await eventually('the second size', () => sink.frames.filter(isBlue).length >= 3);
    await camera.stop();
    expect(sink.faults).toEqual([]);
  });

  it.each([
    ['nosuchsource ! videoconvert', 'camera_unreadable', /no element "nosuchsource"/],
    ['v4l2src device=/dev/video97', 'camera_missing', /\/dev\/video97.*"alpharho-agent cameras" lists what is there/s],
  ])('says what is wrong with %s', async (pipeline, code, words) => {
    const camera = run(gstreamerSource(pipeline, picture));
    const sink = new WatchingSink();
    camera.start(format, sink);
    await eventually('a fault', () => sink.errors.length > 0);
    await camera.stop();
    expect(sink.faults[0]).toMatch(words);
    expect(isAlpharhoError(sink.errors[0], code as 'camera_missing')).toBe(true);
  });

  it('comes back when it is killed, and takes nothing that is printed for a picture', async () => {
    const program = join(folder, 'gst');
    await writeFile(
      program,
      `#!/bin/sh\necho $$ > '${folder}/pid'\necho 'GST_ARGUS: Creating output stream'\necho noise >&2\nexec gst-launch-1.0 "$@"\n`,
      { mode: 0o755 },
    );
    const still = 'videotestsrc is-live=true pattern=smpte75 ! video/x-raw,width=320,height=240,framerate=30/1';
    const camera = run(gstreamerSource(still, picture, program));
    const sink = new WatchingSink();
    camera.start({ rho: 64, crop: 1 }, sink);
    await eventually('frames', () => sink.frames.length >= 2);
    process.kill(Number(await readFile(join(folder, 'pid'), 'utf8')), 'SIGKILL');
    await eventually('frames again', () => sink.recoveries === 1 && sink.frames.length >= 6);
    await camera.stop();
    expect(sink.faults[0]).toContain('SIGKILL');
    const top = (pixels: Uint8Array) => Buffer.from(pixels.subarray(0, 64 * 3 * 30)).toString('base64');
    expect(new Set(sink.frames.map(({ pixels }) => top(pixels))).size).toBe(1);
  });

  it('that is not installed is told with the cure', async () => {
    const camera = run(gstreamerSource('videotestsrc', picture, '/nowhere/gst-launch-1.0'));
    await expect(camera.check()).rejects.toSatisfy((error) => isAlpharhoError(error, 'gstreamer_missing'));
    await expect(camera.check()).rejects.toThrow('apt-get install gstreamer1.0-tools');
  });
});
