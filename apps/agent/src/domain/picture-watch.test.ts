import type { ErrorCode } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { PictureWatch } from './picture-watch.ts';

const side = 32;

function watching() {
  const clock = new FakeClock();
  const doubts: (ErrorCode | undefined)[] = [];
  const watch = new PictureWatch({ name: 'rpicam:0', clock, onDoubt: (doubt) => doubts.push(doubt?.code) });
  let frame = 0;
  /** Ten frames a second. */
  const show = async (seconds: number, paint: (at: number, frame: number) => number) => {
    for (let left = seconds * 10; left > 0; left -= 1) {
      const current = frame;
      watch.look(Uint8Array.from({ length: side * side * 3 }, (_, at) => paint(at, current)));
      frame += 1;
      await clock.advance(100);
    }
  };
  return { watch, doubts, show };
}

const scene = (at: number) => (at * 7) % 200;
const noisy = (at: number, frame: number) => scene(at) + (at === frame % 100 ? 1 : 0);
const dark = (at: number, frame: number) => (at * 31 + frame * 17) % 9;

describe("a camera's pictures", () => {
  it('are frozen where not one byte changes for half a minute, and no longer where one does', async () => {
    const { doubts, show } = watching();
    await show(5, noisy);
    await show(29, scene);
    expect(doubts).toEqual([]);
    await show(3, scene);
    expect(doubts).toEqual(['camera_frozen']);
    await show(60, scene);
    await show(2, noisy);
    expect(doubts).toEqual(['camera_frozen', undefined]);
  });

  it('are not frozen where a sensor does no more than make noise', async () => {
    const { doubts, show } = watching();
    await show(120, noisy);
    expect(doubts).toEqual([]);
  });

  it('are black, noise or not, after half a minute of darkness', async () => {
    const { doubts, show } = watching();
    await show(2, noisy);
    await show(32, dark);
    expect(doubts).toEqual(['camera_black']);
    await show(2, noisy);
    expect(doubts).toEqual(['camera_black', undefined]);
  });

  it('are black rather than frozen where they are both', async () => {
    const { doubts, show } = watching();
    await show(40, () => 0);
    expect(doubts).toEqual(['camera_black']);
  });

  it('are not black where something is lit', async () => {
    const { doubts, show } = watching();
    await show(40, (at, frame) => (at < 12 ? 255 : dark(at, frame)));
    expect(doubts).toEqual([]);
  });

  it('begin anew with the camera', async () => {
    const { watch, doubts, show } = watching();
    await show(35, scene);
    watch.reset();
    await show(20, scene);
    expect(doubts).toEqual(['camera_frozen', undefined]);
  });
});
