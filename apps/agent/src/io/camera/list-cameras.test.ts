import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePhotograph, temporaryFolder } from '../../../test/support/media.ts';
import { libcameraList, type SimulatedBoard, simulateBoard } from '../../../test/support/simulated-cameras.ts';
import { modeText, parseLibcameraList, widestMode } from './libcamera-list.ts';
import { describeCameras, listCameras } from './list-cameras.ts';

let folder = '';
let remove = async (): Promise<void> => undefined;
let board: SimulatedBoard;

beforeAll(async () => {
  ({ path: folder, remove } = await temporaryFolder());
  board = await simulateBoard(join(folder, 'board'), { picture: await makePhotograph(join(folder, 'photograph.png')) });
  for (const [node, name] of [
    ['video0', 'Acme HD Webcam: Acme HD Webcam'],
    ['video10', 'bcm2835-codec-decode'],
    ['video2', 'unicam-image'],
    ['video3', 'gone'],
  ] as const) {
    await mkdir(join(folder, 'sys', node), { recursive: true });
    await writeFile(join(folder, 'sys', node, 'name'), `${name}\n`);
  }
  await mkdir(join(folder, 'dev/v4l/by-id'), { recursive: true });
  for (const node of ['video0', 'video10', 'video2']) await writeFile(join(folder, 'dev', node), '');
  await symlink('../../video0', join(folder, 'dev/v4l/by-id/usb-Acme_HD-video-index0'));
});
afterAll(() => remove());

const list = () => listCameras({ sys: join(folder, 'sys'), dev: join(folder, 'dev'), path: board.path });

describe("a board's cameras", () => {
  it('are told as they are written behind --camera', async () => {
    const { v4l2, libcamera, jetson } = await list();
    expect(v4l2.map(({ name, source, problem }) => [name, source.replace(folder, ''), problem])).toEqual([
      ['Acme HD Webcam: Acme HD Webcam', '/dev/v4l/by-id/usb-Acme_HD-video-index0', undefined],
      ['unicam-image', '/dev/video2', 'is a raw sensor; use rpicam:0 on a Raspberry Pi, jetson:0 on a Jetson'],
      ['gone', '/dev/video3', 'cannot be opened (ENOENT)'],
    ]);
    expect(libcamera.map(({ source, model }) => [source, model])).toEqual([
      ['rpicam:0', 'imx219'],
      ['rpicam:1', 'imx708'],
    ]);
    expect(jetson).toBe(false);
  });

  it('are told with formats, sizes and rates', async () => {
    const text = describeCameras(await list()).join('\n');
    expect(text).toContain('by-id/usb-Acme_HD-video-index0  Acme HD Webcam');
    expect(text).toContain('    1280x720  format=mjpeg  30, 15 frames/s');
    expect(text).toContain('rpicam:1  imx708\n    1536x864  10 bits  120.13 frames/s  sees 3072x1728 of the sensor');
  });

  it('where there are none, are told with what to do', async () => {
    const none = await listCameras({ sys: join(folder, 'nothing'), dev: join(folder, 'nothing'), path: '' });
    expect(none).toMatchObject({ v4l2: [], libcamera: [], jetson: false });
    expect(describeCameras(none)).toEqual([expect.stringMatching(/^No camera is connected to this machine; .*"synthetic" need none\.$/)]);
  });
});

describe("libcamera's list", () => {
  const [module2, module3] = parseLibcameraList(libcameraList);

  it('has each mode once for each way of packing', () => {
    expect(module2?.id).toBe('/base/soc/i2c0mux/i2c@1/imx219@10');
    expect(module2?.modes).toHaveLength(6);
    expect(module2?.modes[4]).toMatchObject({ width: 640, height: 480, bits: 8, packed: false, rate: 103.33 });
    expect(parseLibcameraList('No cameras available!\n')).toEqual([]);
  });

  it('gives the smallest mode that sees the whole scene, quickly enough', () => {
    const mode = (rate: number, modes = module2?.modes ?? []) => {
      const found = widestMode(modes, rate);
      return found && modeText(found);
    };
    expect(mode(30)).toBe('1640:1232:10:P');
    expect(mode(100)).toBe('1640:1232:10:P');
    expect(mode(30, module3?.modes)).toBe('2304:1296:10:P');
    expect(mode(30, [])).toBeUndefined();
  });
});
