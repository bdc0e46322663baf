/** @file Two classifiers on one camera: the real frame loop, lanes that a test plays. */
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { FakeLane } from '../../test/support/fake-lanes.ts';
import { variant } from '../../test/support/variants.ts';
import type { FrameFormat } from '../domain/frames.ts';
import { FrameLoop } from './frame-loop.ts';
import { ShadowSink } from './shadow-sink.ts';

const [a, b, small, large] = [variant('a', 96), variant('b', 96), variant('c', 64), variant('d', 128)];

function newPair(serving: FakeLane) {
  const served: string[] = [];
  const dropped: number[] = [];
  const loop = new FrameLoop(new FakeClock(), {
    captured: () => undefined,
    skipped: () => undefined,
    filled: (frame, pixels) => sink.filled(frame, pixels),
    dropped: (_, frame) => void dropped.push(frame),
    result: ({ frame, variant: by }) => void served.push(`${frame}${by[0]}`),
    serves: () => undefined,
    laneFault: () => undefined,
    cameraFault: () => undefined,
    cameraRecovered: () => undefined,
    cameraEnded: () => undefined,
  });
  const sink = new ShadowSink(loop);
  loop.switchTo(serving, () => undefined);
  /** One frame of one colour; the served one is answered. */
  const frame = (format: FrameFormat, shade = 7) => {
    sink.begin(format)?.fill(shade);
    sink.commit(format, 1);
    if (serving.inWork !== undefined) serving.answer();
  };
  return { loop, sink, served, dropped, frame };
}

const lane = (of: ReturnType<typeof variant>) => new FakeLane(of);

describe('a shadow', () => {
  it('of the same format sees the very frame that is served', () => {
    const [serving, shadow] = [lane(a), lane(b)];
    const { sink, served, frame } = newPair(serving);
    expect(sink.show(shadow, serving.format)).toEqual(serving.format);
    frame(serving.format, 33);
    expect(shadow.inWork).toBe(-1);
    expect(shadow.slot).toEqual(new Uint8Array(96 * 96 * 3).fill(33));
    expect(served).toEqual(['1a']);
  });

  it('that wants smaller frames gets them of the served ones; the camera stays as it is', () => {
    const [serving, shadow] = [lane(a), lane(small)];
    const { sink, frame } = newPair(serving);
    expect(sink.show(shadow, serving.format)).toEqual(serving.format);
    frame(serving.format, 33);
    expect(shadow.slot).toEqual(new Uint8Array(64 * 64 * 3).fill(33));
  });

  it('that wants larger ones gets those of the camera, and the served ones are made of them, each with its number', () => {
    const [serving, shadow] = [lane(a), lane(large)];
    const { sink, served, frame } = newPair(serving);
    frame(serving.format);
    const format = sink.show(shadow, serving.format);
    expect(format).toEqual(shadow.format);
    // The camera has not changed over yet.
    frame(serving.format, 8);
    expect(shadow.inWork).toBeUndefined();
    frame(format, 33);
    expect(shadow.inWork).toBe(-3);
    expect(serving.slot).toEqual(new Uint8Array(96 * 96 * 3).fill(33));
    expect(served).toEqual(['1a', '2a', '3a']);
  });

  it('that is slow misses frames, and none is held back or counted as dropped for it', () => {
    const [serving, shadow] = [lane(a), lane(b)];
    const { sink, served, dropped, frame } = newPair(serving);
    sink.show(shadow, serving.format);
    for (let count = 0; count < 5; count += 1) frame(serving.format);
    expect(served).toEqual(['1a', '2a', '3a', '4a', '5a']);
    expect(dropped).toEqual([]);
    expect([shadow.inWork, shadow.waiting]).toEqual([-1, -5]);
  });

  it('that ends leaves frames of the common format served until the camera has changed back', () => {
    const [serving, shadow] = [lane(a), lane(large)];
    const { sink, served, dropped, frame } = newPair(serving);
    const format = sink.show(shadow, serving.format);
    frame(format);
    sink.hide(false);
    frame(format);
    frame(serving.format);
    expect(served).toEqual(['1a', '2a', '3a']);
    expect(dropped).toEqual([]);
    expect([shadow.inWork, shadow.waiting]).toEqual([-1, undefined]);
  });

  it('that serves next takes over at the next frame, even while one is being filled', () => {
    const [serving, shadow] = [lane(a), lane(large)];
    const { loop, sink, served, dropped, frame } = newPair(serving);
    const format = sink.show(shadow, serving.format);
    frame(format);
    shadow.answer();
    sink.begin(format)?.fill(1);
    sink.hide(true);
    loop.switchTo(shadow, () => undefined);
    sink.commit(format, 1);
    serving.answer();
    sink.begin(format)?.fill(2);
    sink.commit(format, 1);
    shadow.answer();
    expect(served).toEqual(['1a', '2a', '3d']);
    expect(dropped).toEqual([]);
  });
});
