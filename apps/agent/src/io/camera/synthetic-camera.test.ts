import { drawInspectionLine } from '@alpharho/mobilenet-core';
import { describe, expect, it } from 'vitest';
import { cameraContract, WatchingSink } from '../../../test/contracts/camera.ts';
import { cameraLog, open } from '../../../test/support/open-camera.ts';
import { eventually, isSlow } from '../../../test/support/wait.ts';
import { systemClock as clock } from '../system/clock.ts';
import { openCamera } from './open-camera.ts';

const format = { rho: 48, crop: 1 };

cameraContract('the synthetic line', () => open('synthetic:inspection?seed=3&rate=40'));

describe('the synthetic line', () => {
  it('says that its own rate goes before the setting', async () => {
    await open('synthetic:inspection?rate=20', { rate: 20 });
    await open('synthetic:inspection', { rate: 20 });
    expect(cameraLog.lines.join('\n')).not.toContain('does nothing');
    expect(await open('synthetic:inspection?rate=20', { rate: 5 })).toBeDefined();
    expect(cameraLog.lines.join('\n')).toContain("the setting rate, 5, does nothing: the camera's address says rate=20");
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
      log: cameraLog,
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
