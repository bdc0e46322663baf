/** @file One picture, looked at through every kind of camera, is one picture: whichever part of it, and whichever way up. */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { decodeImage, type View } from '@alpharho/mobilenet-core/device';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WatchingSink } from '../../../test/contracts/camera.ts';
import { rememberedLog } from '../../../test/support/logs.ts';
import { hasFfmpeg, hasGstreamer, makePhotograph, temporaryFolder } from '../../../test/support/media.ts';
import { type SimulatedBoard, simulateBoard } from '../../../test/support/simulated-cameras.ts';
import { eventually } from '../../../test/support/wait.ts';
import type { Camera } from '../../domain/ports.ts';
import { systemClock as clock } from '../system/clock.ts';
import { ChildCamera } from './child-camera.ts';
import type { ChildSource } from './child-source.ts';
import { gstreamerSource } from './gstreamer-source.ts';
import { openCamera } from './open-camera.ts';
import { RpicamSource } from './rpicam-source.ts';
import { V4l2Source } from './v4l2-source.ts';

const format = { rho: 96, crop: 0.875 };
const corner = { x: 0.1, y: 0.3, width: 0.5, height: 0.6 };
const views: View[] = [{}, { roi: corner }, { rotate: 90, mirror: true, roi: corner }, { rotate: 270, roi: corner }, { rotate: 180 }];

let folder = '';
let photograph = '';
let video = '';
let remove = async (): Promise<void> => undefined;
let board: SimulatedBoard;

beforeAll(async () => {
  ({ path: folder, remove } = await temporaryFolder());
  await mkdir(join(folder, 'images'));
  photograph = await makePhotograph(join(folder, 'images', 'photograph.png'));
  board = await simulateBoard(join(folder, 'board'), { picture: photograph, moves: false });
  video = join(folder, 'photograph.avi');
  if (hasFfmpeg)
    await promisify(execFile)('ffmpeg', ['-loglevel', 'error', '-loop', '1', '-i', photograph, '-t', '2', '-c:v', 'ffv1', video]);
});
afterAll(() => remove());

const opened = (source: string, view: View) =>
  openCamera({ source, rate: undefined, loop: true, realtime: true, view, clock, random: Math.random, log: rememberedLog() });
const through = (source: ChildSource) => new ChildCamera({ source, clock, random: Math.random });
const whole = (view: View) => ({ view, rate: undefined });

type Kind = { readonly name: string; readonly open: (view: View) => Camera | Promise<Camera>; readonly tolerance: number };

/** Mean difference from the folder's decoder, of 255: resamplers differ at edges, and 4:2:0 has a colour for four pixels. */
const kinds: Kind[] = [
  { name: 'a folder of images', open: (view) => opened(join(folder, 'images'), view), tolerance: 0 },
  ...(hasFfmpeg
    ? [
        { name: 'a video file', open: (view: View) => opened(video, view), tolerance: 1.5 },
        {
          name: 'a V4L2 device, simulated',
          open: (view: View) =>
            through(new V4l2Source('/dev/video0', whole(view), { ffmpeg: board.program('ffmpeg'), v4l2ctl: board.program('v4l2-ctl') })),
          tolerance: 1.5,
        },
      ]
    : []),
  ...(hasGstreamer
    ? [
        {
          name: 'a GStreamer pipeline',
          open: (view: View) => through(gstreamerSource(`filesrc location="${photograph}" ! pngdec ! imagefreeze`, whole(view))),
          tolerance: 2,
        },
      ]
    : []),
  { name: 'rpicam-vid, simulated,', open: (view) => through(new RpicamSource('0', whole(view), board.path)), tolerance: 2.5 },
];

describe.each(kinds)('$name', ({ open, tolerance }) => {
  it.each(views)('shows the picture that the view asks for: %o', async (view) => {
    const camera = await open(view);
    const sink = new WatchingSink();
    camera.start(format, sink);
    await eventually('a frame', () => sink.frames.length > 0);
    await camera.stop();
    const expected = await decodeImage(photograph, { ...format, view });
    expect(meanDifference(sink.frames[0]?.pixels as Uint8Array, expected)).toBeLessThanOrEqual(tolerance);
  });
});

it('the views differ from each other by far more than sources do', async () => {
  const pictures = await Promise.all(views.map((view) => decodeImage(photograph, { ...format, view })));
  for (const [index, one] of pictures.entries()) {
    for (const other of pictures.slice(index + 1)) expect(meanDifference(one, other)).toBeGreaterThan(10);
  }
});

function meanDifference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, at) => sum + Math.abs(value - (b[at] as number)), 0) / a.length;
}
