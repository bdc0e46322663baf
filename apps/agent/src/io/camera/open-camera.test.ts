import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlpharhoError } from '@alpharho/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeImages, temporaryFolder } from '../../../test/support/media.ts';
import { open } from '../../../test/support/open-camera.ts';

let folder = '';
let images = '';
let remove = async (): Promise<void> => undefined;

beforeAll(async () => {
  ({ path: folder, remove } = await temporaryFolder());
  images = await makeImages(join(folder, 'images'), 1);
});
afterAll(() => remove());

const code = (wanted: string) => (error: unknown) => isAlpharhoError(error) && error.code === wanted;

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
