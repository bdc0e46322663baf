/** @file A new variant on trial beside one that serves: the real loop and shadow, lanes and a camera that a test plays. */
import type { VariantInfo } from '@alpharho/mobilenet-core';
import type { MessageOf, UpdateEvent } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { FakeCamera, FakeStore } from '../../../test/support/fake-agent.ts';
import { FakeClock, settle } from '../../../test/support/fake-clock.ts';
import { FakeClassifiers, type FakeLane } from '../../../test/support/fake-lanes.ts';
import { rememberedLog } from '../../../test/support/logs.ts';
import { variant } from '../../../test/support/variants.ts';
import type { AgentEvent } from '../../domain/events.ts';
import { Capture } from '../capture.ts';
import { FrameLoop } from '../frame-loop.ts';
import { Serving } from '../serving.ts';
import { ShadowSink } from '../shadow-sink.ts';
import { HubsWord } from './hubs-word.ts';
import { type ShadowReport, Trial, type TrialTerms } from './trial.ts';

const [old, same, wide] = [variant('a', 96), variant('b', 96), variant('c', 128)];
const terms: TrialTerms = { shadow: { frames: 10, minAgreement: 0.8 }, golden: undefined, probationFrames: 2, revision: 7 };

/** @param serves null: the device has no variant yet */
async function newTrial(candidate: VariantInfo, given: Partial<TrialTerms> = {}, serves: VariantInfo | null = old) {
  const [clock, camera, store, log] = [new FakeClock(), new FakeCamera(), new FakeStore(), rememberedLog()];
  const classifiers = new FakeClassifiers([old, same, wide]);
  const served: string[] = [];
  const dropped: number[] = [];
  const nothing = () => undefined;
  const loop = new FrameLoop(clock, {
    ...{ captured: nothing, skipped: nothing, serves: nothing, cameraFault: nothing, cameraRecovered: nothing, cameraEnded: nothing },
    filled: (frame, pixels) => shadows.filled(frame, pixels),
    dropped: (_, frame) => void dropped.push(frame),
    result: (result) => {
      served.push(`${result.frame}${result.variant[0]}`);
      trial.answered(result);
    },
    laneFault: (lane, error) => void (trial.laneFault(lane, error) || serving.laneFault(lane, error)),
  });
  const shadows = new ShadowSink(loop);
  const capture = new Capture(camera, shadows);
  const serving = new Serving({ loop, capture, classifiers, clock, random: () => 0, log, onFault: nothing, rhoFor: ({ rho }) => rho });
  const told: AgentEvent[] = [];
  const word = new HubsWord({ session: 'now', tell: (event) => told.push(event) });
  const reports: ShadowReport[] = [];
  const onShadow = (report: ShadowReport) => void reports.push(report);
  const trial = new Trial({ store, loop, capture, serving, shadows, word, onShadow, log }, { ...terms, ...given });
  if (serves !== null) {
    await serving.open(async () => FakeClassifiers.file(serves));
    camera.frame();
    classifiers.lane(serves).answer();
  }
  const signal = new AbortController().signal;
  const staged = await classifiers.open(FakeClassifiers.file(candidate), signal);
  const warm = () => trial.warm(staged, signal);
  /** One frame; each lane that has it answers, the candidate's as is said. */
  const frame = async (label?: string, ms?: number) => {
    camera.frame();
    for (const lane of classifiers.lanes) {
      while (lane.inWork !== undefined) {
        const is = label !== undefined && lane.variant === candidate;
        lane.answer(is ? [{ class: 9, label, probability: 1 }] : undefined, is ? ms : undefined);
      }
    }
    await settle();
  };
  /** Steps until something else than a frame is told, with a frame at a time. */
  const until = async (step: (signal: AbortSignal) => Promise<UpdateEvent>, label?: string, ms?: number): Promise<UpdateEvent | Error> => {
    let told: UpdateEvent | Error | undefined;
    const walk = async (): Promise<void> => {
      while (told === undefined || (!(told instanceof Error) && told.type === 'frame')) {
        told = await step.call(trial, signal).catch((error: Error) => error);
      }
    };
    let isOver = false;
    const walking = walk().then(() => {
      isOver = true;
    });
    for (let count = 0; count < 50 && !isOver; count += 1) await frame(label, ms);
    if (!isOver) throw new Error('nothing but frames');
    await walking;
    return told ?? new Error('nothing');
  };
  const lane = (): FakeLane => classifiers.lane(candidate);
  const hear = (acks: MessageOf<'ack'>['acks']) => word.heard({ v: 1, acks });
  return { trial, camera, classifiers, loop, served, dropped, told, reports, warm, frame, until, lane, hear, signal };
}

describe('the golden input', () => {
  const golden = { top: [{ class: 0, probability: 0.9 }], tolerance: 0.1 };

  it('is answered as the manifest says, or the variant goes no further', async () => {
    const good = await newTrial(same, { golden });
    expect(await good.warm()).toEqual({ type: 'warmed' });
    const bad = await newTrial(same, { golden });
    bad.classifiers.golden = [{ class: 4, label: 'other', probability: 1 }];
    await expect(bad.warm()).rejects.toMatchObject({ code: 'golden_mismatch', message: expect.stringContaining('class 0') });
  });
});

describe('a shadow', () => {
  it.each([
    ['of the same size', same],
    ['of another size', wide],
  ])('%s that agrees is let through, after as many frames as were asked for, and nothing that serves is missed', async (_, candidate) => {
    const { trial, warm, until, served, dropped, reports } = await newTrial(candidate);
    await warm();
    expect(await until(trial.shadow)).toEqual({ type: 'shadowed' });
    expect(reports.at(-1)).toMatchObject({ frames: 10, agreement: 1, p95Ms: 1.2, baselineP95Ms: 1.2, memoryBytes: 20_000_000 });
    expect(await until(trial.switchOver)).toEqual({ type: 'switched' });
    expect(dropped).toEqual([]);
    expect(served).toEqual(served.map((__, index) => `${index + 1}${index < served.length - 1 ? 'a' : candidate.sha256[0]}`));
  });

  it('that disagrees never serves, and its classifier ends', async () => {
    const { trial, warm, until, frame, served, dropped, lane, camera } = await newTrial(wide);
    await warm();
    expect(await until(trial.shadow, 'something else')).toMatchObject({ code: 'shadow_disagrees' });
    trial.end();
    await frame();
    await frame();
    expect(lane().closed).toBe(true);
    expect(camera.format?.rho).toBe(old.rho);
    expect(dropped).toEqual([]);
    expect(served.every((text) => text.endsWith('a'))).toBe(true);
  });

  it('that is slow never serves', async () => {
    const { trial, warm, until } = await newTrial(same, { shadow: { ...terms.shadow, maxP95Ratio: 2 } });
    await warm();
    expect(await until(trial.shadow, 'a', 5)).toMatchObject({ code: 'shadow_disagrees' });
    const slow = await newTrial(same, { shadow: { frames: 10, minAgreement: 0, maxP95Ratio: 2 } });
    await slow.warm();
    expect(await slow.until(slow.trial.shadow, 'a', 5)).toMatchObject({ code: 'shadow_slow' });
  });

  it('that takes too much memory is not even shown a frame', async () => {
    const { trial, warm, lane, frame, signal } = await newTrial(same, { shadow: { ...terms.shadow, maxMemoryBytes: 19_000_000 } });
    await warm();
    await expect(trial.shadow(signal)).rejects.toMatchObject({ code: 'shadow_memory', message: expect.stringContaining('20 MB') });
    await frame();
    expect(lane().inWork).toBeUndefined();
  });

  it('that dies leaves what serves alone', async () => {
    const { trial, warm, lane, frame, served, signal } = await newTrial(same);
    await warm();
    const event = trial.shadow(signal);
    lane().die();
    await expect(event).rejects.toMatchObject({ code: 'shadow_failed' });
    trial.end();
    await frame();
    expect(served).toEqual(['1a', '2a']);
  });

  it('is passed over where nothing serves that it could be compared with', async () => {
    const { trial, warm, signal } = await newTrial(same, {}, null);
    await warm();
    expect(await trial.shadow(signal)).toEqual({ type: 'shadowed' });
  });
});

describe('a variant in probation', () => {
  const inService = async () => {
    const all = await newTrial(same, { shadow: { frames: 1, minAgreement: 0 } });
    await all.warm();
    await all.until(all.trial.shadow);
    await all.until(all.trial.switchOver);
    for (let count = 0; count < terms.probationFrames; count += 1) {
      const event = all.trial.prove(all.signal);
      await all.frame();
      expect(await event).toEqual({ type: 'frame' });
    }
    return all;
  };

  it("asks for the hub's word once it has proven itself, and is done when it has it", async () => {
    const { trial, told, hear, frame, signal } = await inService();
    const event = trial.prove(signal);
    await frame();
    expect(told.map(({ id, detail }) => [id, detail?.revision])).toEqual([['update.proven', 7]]);
    hear([{ stream: 'status', session: 'now', from: 1, to: 1 }]);
    expect(await event).toEqual({ type: 'acknowledged' });
  });

  it('goes back where it fails while the word is awaited', async () => {
    const { trial, lane, signal } = await inService();
    const event = trial.prove(signal);
    lane().die();
    expect(await event).toMatchObject({ type: 'reverted', error: { code: 'probation_failed' } });
  });
});
