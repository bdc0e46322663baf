import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ErrorCode, isAlpharhoError } from '@alpharho/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cameraContract, WatchingSink } from '../../../test/contracts/camera.ts';
import { oneReaderContract } from '../../../test/contracts/one-reader.ts';
import { hasFfmpeg, makePhotograph, temporaryFolder } from '../../../test/support/media.ts';
import { type SimulatedBoard, simulateBoard, webcamFormats } from '../../../test/support/simulated-cameras.ts';
import { eventually } from '../../../test/support/wait.ts';
import { systemClock as clock } from '../system/clock.ts';
import { ChildCamera } from './child-camera.ts';
import { chooseFormat, parseFfmpegFormats, parseV4l2Formats } from './v4l2-formats.ts';
import { isVideoDevice, V4l2Source } from './v4l2-source.ts';

let folder = '';
let remove = async (): Promise<void> => undefined;
let board: SimulatedBoard;
let closed: SimulatedBoard;
const picture = { view: {}, rate: undefined };
const format = { rho: 64, crop: 0.875 };

beforeAll(async () => {
  ({ path: folder, remove } = await temporaryFolder());
  const photograph = await makePhotograph(join(folder, 'photograph.png'));
  board = await simulateBoard(join(folder, 'board'), { picture: photograph });
  closed = await simulateBoard(join(folder, 'closed'), { picture: photograph, forbidden: true });
});
afterAll(() => remove());

const sourceOf = ({ program }: SimulatedBoard, address: string) =>
  new V4l2Source(address, picture, { ffmpeg: program('ffmpeg'), v4l2ctl: program('v4l2-ctl') });
const open = (on: SimulatedBoard, address = '/dev/video0'): ChildCamera =>
  new ChildCamera({ source: sourceOf(on, address), clock, random: Math.random });

if (hasFfmpeg) {
  cameraContract('a V4L2 device behind the real ffmpeg, simulated,', async () => open(board), { oneReader: true });
  const make = (test: string) => simulateBoard(join(folder, test), { picture: join(folder, 'photograph.png') });
  oneReaderContract('a V4L2 device, simulated,', make, open);
}

describe('a V4L2 device', () => {
  it.each(['/dev/video0', '/dev/video12', '/dev/v4l/by-id/usb-Acme_Camera-video-index0'])('is %s', (path) => {
    expect(isVideoDevice(path)).toBe(true);
  });

  it.each([
    ['video0', '"video0" is no device'],
    ['/dev/video0?size=large', 'size: expected width x height, like 1280x720'],
    ['/dev/video0?rate=0', 'rate: '],
    ['/dev/video0?format=MJPG!', "format: expected one of ffmpeg's names"],
    ['/dev/video0?zoom=2', 'zoom'],
  ])('is not %s', (address, words) => {
    expect(() => sourceOf(board, address)).toThrow(words);
    expect(() => sourceOf(board, address)).toThrow('expected "v4l2:/dev/video0?size=1280x720&rate=30&format=mjpeg"');
  });

  const formats = parseV4l2Formats(webcamFormats);

  it('tells its formats through v4l2-ctl', () => {
    expect(formats.map(({ code, ffmpeg }) => [code, ffmpeg])).toEqual([
      ['MJPG', 'mjpeg'],
      ['YUYV', 'yuyv422'],
    ]);
    expect(formats[1]?.sizes).toEqual([
      { width: 640, height: 480, rates: [30, 15] },
      { width: 1280, height: 720, rates: [10, 5] },
    ]);
    const anySize = "\t[0]: 'YU12' (Planar YUV 4:2:0)\n\t\tSize: Stepwise 32x32 - 2592x1944 with step 2/2\n";
    expect(parseV4l2Formats(anySize)[0]?.sizes).toEqual([{ width: 1280, height: 720, rates: [] }]);
    expect(parseV4l2Formats('nonsense\n\t\t\tInterval: Discrete (30.000 fps)')).toEqual([]);
  });

  it('tells its formats through ffmpeg where v4l2-ctl is not there', () => {
    const told = `[video4linux2,v4l2 @ 0x55d] Raw       :     yuyv422 :           YUYV 4:2:2 : 640x480 1280x720
[video4linux2,v4l2 @ 0x55d] Compressed:       mjpeg :          Motion-JPEG : 640x480 1280x720 1920x1080
[video4linux2,v4l2 @ 0x55d] Compressed: Unsupported :                H.265 : 1920x1080
/dev/video0: Immediate exit requested`;
    expect(parseFfmpegFormats(told).map(({ ffmpeg, sizes }) => [ffmpeg, sizes.length])).toEqual([
      ['yuyv422', 2],
      ['mjpeg', 3],
      [undefined, 1],
    ]);
    expect(chooseFormat(parseFfmpegFormats(told), {})).toEqual({ size: { width: 1280, height: 720 }, format: 'mjpeg' });
  });

  it('is asked for 720p as JPEG, where raw pictures would come too slowly', () => {
    expect(chooseFormat(formats, {})).toEqual({ size: { width: 1280, height: 720 }, rate: 30, format: 'mjpeg' });
    expect(chooseFormat(formats, { rate: 10 })).toMatchObject({ rate: 10, format: 'yuyv422' });
    expect(chooseFormat(formats, { size: { width: 640, height: 480 } })).toMatchObject({ rate: 30, format: 'yuyv422' });
    expect(chooseFormat(formats, { format: 'yuyv422' })).toEqual({ size: { width: 1280, height: 720 }, rate: 10, format: 'yuyv422' });
    expect(chooseFormat(formats, { taken: 8 })).toMatchObject({ rate: 10, format: 'yuyv422' });
    expect(chooseFormat(formats, { taken: 12 })).toMatchObject({ rate: 15, format: 'mjpeg' });
    expect(chooseFormat(formats, { taken: 100 })).toMatchObject({ rate: 30, format: 'mjpeg' });
    expect(chooseFormat([], { rate: 15 })).toEqual({ rate: 15 });
  });
});

describe.skipIf(!hasFfmpeg)('a V4L2 device, simulated', () => {
  const refusals: [string, () => ChildCamera, ErrorCode, RegExp][] = [
    ['may not be opened', () => open(closed), 'camera_unreadable', /Permission denied.*usermod -aG video/],
    ['does not offer what is asked', () => open(board, '/dev/video0?size=333x222'), 'camera_unreadable', /Invalid argument/],
  ];
  it.each(refusals)('that %s says so', async (_what, make, code, words) => {
    const camera = make();
    const sink = new WatchingSink();
    camera.start(format, sink);
    await eventually('a fault', () => sink.errors.length > 0);
    await camera.stop();
    expect(isAlpharhoError(sink.errors[0], code)).toBe(true);
    expect(sink.faults[0]).toMatch(words);
  });

  it('that is not there is missing, says the real ffmpeg too', async () => {
    const camera = new ChildCamera({ source: new V4l2Source('/dev/video97', picture), clock, random: Math.random });
    const sink = new WatchingSink();
    camera.start(format, sink);
    await eventually('a fault', () => sink.errors.length > 0);
    await camera.stop();
    expect(isAlpharhoError(sink.errors[0], 'camera_missing')).toBe(true);
    expect(sink.faults[0]).toMatch(/^v4l2:\/dev\/video97 gives no frames: .*No such file or directory/);
  });

  it('whose ffmpeg is killed comes back, and no process is left behind', async () => {
    const camera = open(board);
    const sink = new WatchingSink();
    camera.start(format, sink);
    await eventually('frames', () => sink.frames.length >= 2);
    process.kill(Number(await readFile(board.lock, 'utf8')), 'SIGTERM');
    await eventually('frames again', () => sink.recoveries === 1);
    await camera.stop();
    await expect(readFile(board.lock)).rejects.toThrow('ENOENT');
  });
});
