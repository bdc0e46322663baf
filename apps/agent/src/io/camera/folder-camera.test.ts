import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cameraContract, WatchingSink } from '../../../test/contracts/camera.ts';
import { makeImages, temporaryFolder } from '../../../test/support/media.ts';
import { cameraLog, open } from '../../../test/support/open-camera.ts';
import { eventually } from '../../../test/support/wait.ts';

let folder = '';
let images = '';
let remove = async (): Promise<void> => undefined;

beforeAll(async () => {
  ({ path: folder, remove } = await temporaryFolder());
  images = await makeImages(join(folder, 'images'), 4);
});
afterAll(() => remove());

const format = { rho: 48, crop: 1 };

cameraContract('a folder of images', () => open(images, { rate: 30 }));

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
      const told = cameraLog.lines.filter((line) => line.includes(name));
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
