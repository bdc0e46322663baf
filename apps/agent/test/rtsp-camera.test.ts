/** @file RTSP cameras through ffmpeg, against a real server. It lets no one in who does not take frames over TCP. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCamera } from '../src/io/camera/open-camera.ts';
import { systemClock as clock } from '../src/io/system/clock.ts';
import { cameraContract, WatchingSink } from './contracts/camera.ts';
import { rememberedLog } from './support/logs.ts';
import { hasFfmpeg } from './support/media.ts';
import { hasRtspServer, RtspServer } from './support/rtsp-server.ts';
import { eventually } from './support/wait.ts';

const server = new RtspServer();
const open = () =>
  openCamera({ source: server.url, rate: undefined, loop: true, realtime: true, view: {}, clock, random: () => 0, log: rememberedLog() });

async function watched() {
  const camera = await open();
  const sink = new WatchingSink();
  camera.start({ rho: 48, crop: 0.875 }, sink);
  await eventually('frames', () => sink.frames.length >= 5);
  return { camera, sink };
}

describe.skipIf(!hasFfmpeg || !hasRtspServer)('RTSP cameras', () => {
  beforeAll(() => server.start());
  afterAll(() => server.kill());

  cameraContract('an RTSP stream', open);

  it('that change the size of their pictures go on', async () => {
    const { camera, sink } = await watched();
    for (const [width, height] of [
      [640, 360],
      [200, 400],
    ] as const) {
      server.resize(width, height);
      const before = sink.frames.length;
      await eventually('two seconds of frames', () => sink.frames.length >= before + 50);
    }
    await camera.stop();
    expect(sink.faults).toEqual([]);
  });

  it('whose server dies are a fault, and are back when it is', async () => {
    const { camera, sink } = await watched();
    await server.kill();
    await eventually('a fault', () => sink.faults.length > 0);
    expect(sink.faults[0]).toContain(server.url);
    await server.start();
    const before = sink.frames.length;
    await eventually('frames again', () => sink.recoveries === 1 && sink.frames.length > before, 30_000);
    await camera.stop();
  }, 60_000);
});
