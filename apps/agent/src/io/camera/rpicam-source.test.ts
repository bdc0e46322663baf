import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlpharhoError } from '@alpharho/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cameraContract, WatchingSink } from '../../../test/contracts/camera.ts';
import { oneReaderContract } from '../../../test/contracts/one-reader.ts';
import { makePhotograph, temporaryFolder } from '../../../test/support/media.ts';
import { type SimulatedBoard, simulateBoard } from '../../../test/support/simulated-cameras.ts';
import { eventually, isSlow } from '../../../test/support/wait.ts';
import { systemClock as clock } from '../system/clock.ts';
import { ChildCamera } from './child-camera.ts';
import { RpicamSource } from './rpicam-source.ts';

let folder = '';
let remove = async (): Promise<void> => undefined;
let pi4: SimulatedBoard;
let pi5: SimulatedBoard;
const picture = { view: {}, rate: undefined };
const format = { rho: 160, crop: 1 };

beforeAll(async () => {
  ({ path: folder, remove } = await temporaryFolder());
  const photograph = await makePhotograph(join(folder, 'photograph.png'));
  pi4 = await simulateBoard(join(folder, 'pi4'), { picture: photograph, align: 64 });
  pi5 = await simulateBoard(join(folder, 'pi5'), { picture: photograph, align: 128 });
});
afterAll(() => remove());

const open = (board: SimulatedBoard, address = '0?rate=40'): ChildCamera =>
  new ChildCamera({ source: new RpicamSource(address, picture, board.path), clock, random: Math.random });

cameraContract('rpicam-vid, simulated,', async () => open(pi4), { oneReader: true });
oneReaderContract('rpicam-vid, simulated,', (test) => simulateBoard(join(folder, test), { picture: join(folder, 'photograph.png') }), open);

describe('the command line of rpicam-vid', () => {
  const args = async (source: RpicamSource, rho: number, crop = 0.875) =>
    (await source.command({ rho, crop }, 0, new AbortController().signal, async () => undefined)).args.join(' ');

  it('lets the image processor crop and scale, in the mode that sees the whole scene', async () => {
    const source = new RpicamSource('0', { view: { roi: { x: 0.5, y: 0, width: 0.5, height: 0.5 } }, rate: 10 }, pi4.path);
    const line = await args(source, 128);
    expect(line).toContain('--width 128 --height 128 --framerate 10');
    expect(line).toContain('--roi 0.53125,0.03125,0.4375,0.4375');
    expect(line).toContain('--mode 1640:1232:10:P');
    expect(line).toContain('--codec yuv420');
  });

  it("takes the operator's mode and rate", async () => {
    expect(await args(new RpicamSource('0?mode=640:480:8:P&rate=90', picture, pi4.path), 128)).toMatch(
      /--framerate 90 .*--mode 640:480:8:P/,
    );
  });

  it.each([
    ['x', '"x" is no camera\'s number'],
    ['0?speed=3', 'speed'],
    ['0?rate=fast', 'rate: expected a number of frames a second'],
    ['0?mode=wide', 'mode: expected width:height:bits:P'],
  ])('is not made for %s', (address, words) => {
    expect(() => new RpicamSource(address, picture, pi4.path)).toThrow(words);
  });
});

describe('rpicam-vid, simulated', () => {
  it.each([97, 160, 224])('gives whole rows at ρ %i, whatever a board pads them to', async (rho) => {
    const first: Uint8Array[] = [];
    for (const board of [pi4, pi5]) {
      const camera = open(board);
      const sink = new WatchingSink();
      camera.start({ rho, crop: 1 }, sink);
      await eventually('frames', () => sink.frames.length >= 2);
      await camera.stop();
      expect(sink.faults).toEqual([]);
      first.push(sink.frames[0]?.pixels as Uint8Array);
    }
    expect(Buffer.compare(first[0] as Uint8Array, first[1] as Uint8Array)).toBe(0);
  });

  it('that is killed within a frame comes back with whole frames', async () => {
    const camera = open(pi4, '0?rate=30');
    const sink = new WatchingSink();
    camera.start({ rho: 224, crop: 1 }, sink);
    await eventually('frames', () => sink.frames.length >= 2);
    const reference = sink.frames[0]?.pixels as Uint8Array;
    for (let round = 1; round <= 3; round += 1) {
      process.kill(Number(await readFile(pi4.lock, 'utf8')), 'SIGKILL');
      await eventually('recovery', () => sink.recoveries === round && sink.frames.length >= 2 + round * 3);
    }
    await camera.stop();
    // Frames differ by brightness, 15 at most; a shifted one would differ by far more.
    for (const { pixels } of sink.frames) expect(meanDifference(pixels, reference)).toBeLessThan(17);
  });

  // It is told by the pauses between frames, which a slow machine does not keep.
  it.skipIf(isSlow)('that prints something among its frames is begun again, and then they are whole', async () => {
    const greets = join(folder, 'greeted');
    const talker = await simulateBoard(join(folder, 'talker'), { picture: join(folder, 'photograph.png'), moves: false, greets });
    const camera = open(talker);
    const [sink, other] = [new WatchingSink(), new WatchingSink()];
    camera.start(format, sink);
    await eventually('frames again', () => sink.recoveries === 1 && sink.frames.length > 0);
    await camera.stop();
    expect(sink.faults[0]).toContain('something else than pictures is printed among them');
    const plain = open(talker);
    plain.start(format, other);
    await eventually('a frame', () => other.frames.length > 0);
    await plain.stop();
    expect(sink.frames.at(-1)?.pixels).toEqual(other.frames[0]?.pixels);
    expect(sink.frames[0]?.pixels).not.toEqual(other.frames[0]?.pixels);
  });

  it('that is not installed is told with the cure', async () => {
    const camera = new ChildCamera({ source: new RpicamSource('0', picture, '/nowhere'), clock, random: Math.random });
    await expect(camera.check()).rejects.toSatisfy((error) => isAlpharhoError(error, 'rpicam_missing'));
    await expect(camera.check()).rejects.toThrow('apt-get install rpicam-apps');
  });
});

function meanDifference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, at) => sum + Math.abs(value - (b[at] as number)), 0) / a.length;
}
