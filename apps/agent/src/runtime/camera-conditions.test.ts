/** @file What the hub hears of a camera: lost, frozen, black, and well again; the agent's loops really wired. */
import { describe, expect, it } from 'vitest';
import { startFakeAgent } from '../../test/support/fake-agent.ts';
import { variant } from '../../test/support/variants.ts';

async function watching({ isLive }: { isLive: boolean }) {
  const committed = variant('a');
  const agent = await startFakeAgent({ known: [committed], committed, isLive });
  /** A frame a second. */
  const show = async (seconds: number, shade: (second: number) => number) => {
    for (let second = 0; second < seconds; second += 1) {
      agent.camera.shade = shade(second);
      await agent.frame();
      await agent.clock.advance(1000);
    }
  };
  const lastError = () => agent.link.reports.at(-1)?.lastError?.code;
  const said = () => agent.log.lines.filter((line) => line.includes('camera: ')).map((line) => line.replace(/^\w+ /, ''));
  return { ...agent, show, lastError, said };
}

const moving = (second: number): number => 100 + (second % 50);

describe("a live camera's picture", () => {
  it('that stands still is reported, while its frames are classified on, and no longer when it moves', async () => {
    const { show, lastError, said, outbox } = await watching({ isLive: true });
    await show(5, moving);
    await show(40, () => 77);
    expect(lastError()).toBe('camera_frozen');
    await show(2, moving);
    expect(lastError()).toBeUndefined();
    expect(said()).toEqual(['camera: fake gives the same picture for 30 s and more', 'camera: the picture changes again']);
    const { entries } = await outbox.size();
    expect(entries.results).toBeGreaterThanOrEqual(40);
  });

  it('that is black is reported', async () => {
    const { show, lastError } = await watching({ isLive: true });
    await show(40, (second) => second % 3);
    expect(lastError()).toBe('camera_black');
  });

  it('is forgotten when the camera is lost, which is reported instead', async () => {
    const { show, lastError, said, camera } = await watching({ isLive: true });
    await show(40, () => 77);
    camera.fault('camera_missing', 'it was unplugged');
    expect(lastError()).toBe('camera_missing');
    camera.sink?.recovered();
    expect(lastError()).toBeUndefined();
    expect(said().slice(1)).toEqual(['camera: it was unplugged; it is tried again', 'camera: frames come again']);
  });
});

it("a recording's picture may stand still", async () => {
  const { show, lastError } = await watching({ isLive: false });
  await show(60, () => 0);
  expect(lastError()).toBeUndefined();
});
