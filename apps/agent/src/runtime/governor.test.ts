import { AlpharhoError, type MessageOf } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { startFakeAgent } from '../../test/support/fake-agent.ts';
import { FakeClock, settle } from '../../test/support/fake-clock.ts';
import { FakeLane } from '../../test/support/fake-lanes.ts';
import { rememberedLog } from '../../test/support/logs.ts';
import { variant } from '../../test/support/variants.ts';
import { Governor, type GovernorSettings } from './governor.ts';

const several = { ...variant('a', 64), rhos: [64, 48, 32] };
const next = { ...variant('b', 64), rhos: [64, 32] };
const governing: GovernorSettings = { budget: { p95: 20 }, allowed: { rhos: [64, 48, 32] } };

/** An agent whose frames come ten a second and take as long as a test says. */
async function governed(settings: GovernorSettings = governing) {
  const agent = await startFakeAgent({ known: [several, next], committed: several, governing: settings });
  const { clock, camera, classifiers, outbox } = agent;
  const takes = { ms: 10 };
  const run = async (seconds: number) => {
    for (let frame = 0; frame < seconds * 10; frame += 1) {
      camera.frame();
      await clock.advance(takes.ms);
      for (const lane of classifiers.lanes) while (lane.inWork !== undefined) lane.answer(undefined, takes.ms - 1);
      await clock.advance(100 - takes.ms);
    }
    await settle();
  };
  const bodies = async (stream: 'results' | 'telemetry' | 'events') => {
    await clock.advance(1500);
    const all = await outbox.read(stream, undefined, 10_000);
    return all.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  };
  const steps = async () => (await bodies('events')).filter(({ id }) => id === 'governor.step') as MessageOf<'events'>[];
  const state = () => agent.link.reports.at(-1)?.governor;
  return { ...agent, takes, run, bodies, steps, state };
}

describe('the governor at work', () => {
  it('opens a variant at the highest step that is allowed', async () => {
    const { run, classifiers, state } = await governed({ budget: { p95: 20 }, allowed: { rhos: [48, 32] } });
    await run(1);
    expect(classifiers.lanes.map(({ format }) => format.rho)).toEqual([48]);
    expect(state()).toMatchObject({ rho: 48, step: 0, of: 2 });
  });

  it('steps ρ down when results are late, without losing one, and tells it', async () => {
    const { run, takes, steps, state, bodies, classifiers } = await governed();
    await run(5);
    takes.ms = 40;
    await run(6);
    expect(state()).toMatchObject({ rho: 32, step: 2, of: 3, reason: expect.stringContaining('the budget 20.0 ms') });
    expect(await steps()).toMatchObject([
      { level: 'info', variant: several.sha256, detail: { from: 'ρ 64', to: 'ρ 32', reason: 'latency', step: 2 } },
    ]);
    expect(classifiers.lanes.map(({ format, closed }) => [format.rho, closed])).toEqual([
      [64, true],
      [32, false],
    ]);
    const frames = (await bodies('results')).map(({ frame }) => frame);
    expect(frames).toEqual(Array.from({ length: 110 }, (_, index) => index + 1));
  });

  it('steps up again when there is room', async () => {
    const { run, takes, steps, state } = await governed();
    takes.ms = 40;
    await run(6);
    takes.ms = 5;
    await run(40);
    expect(state()).toMatchObject({ rho: 64, step: 0 });
    expect(state()).not.toHaveProperty('reason');
    expect((await steps()).map(({ detail }) => detail?.reason)).toEqual(['latency', 'room']);
  });

  it('cuts telemetry where ρ changes', async () => {
    const { run, takes, bodies } = await governed();
    takes.ms = 40;
    await run(11);
    const windows = (await bodies('telemetry')) as { rho?: number; start: number; end: number }[];
    expect(windows.map(({ rho }) => rho)).toEqual([64, 32]);
    expect(windows[1]?.start).toBe(windows[0]?.end);
  });

  it('holds the frame rate back where that is what is allowed', async () => {
    const { run, takes, steps, state, bodies } = await governed({ budget: { p95: 20 }, allowed: { rates: [10, 2] } });
    takes.ms = 40;
    await run(20);
    expect(state()).toMatchObject({ rho: 64, rate: 2, step: 1, of: 2 });
    expect(await steps()).toHaveLength(1);
    const windows = (await bodies('telemetry')) as { rate?: number; frames: { captured: number; dropped: number } }[];
    expect(windows.at(-1)).toMatchObject({ rate: 2, frames: { dropped: 0 } });
    const before = (await bodies('results')).length;
    takes.ms = 5;
    await run(5);
    expect((await bodies('results')).length - before).toBeLessThanOrEqual(13);
  });

  it('stays where it is where the other ρ does not run, and tries again later', async () => {
    const { run, takes, classifiers, steps, state, log } = await governed();
    takes.ms = 40;
    classifiers.warmFault = new AlpharhoError('warmup_failed', 'no memory');
    await run(6);
    expect(state()).toMatchObject({ rho: 64, step: 0 });
    expect(log.lines.join('\n')).toContain('the step to ρ 32 did not come about: no memory');
    classifiers.warmFault = undefined;
    await run(10);
    expect(state()).toMatchObject({ rho: 32 });
    expect(await steps()).toHaveLength(1);
  });

  it('does nothing while an update is on trial, and begins anew with the variant that came', async () => {
    const { run, takes, want, state, classifiers } = await governed();
    takes.ms = 40;
    await run(3);
    await want(next, 1);
    await run(1);
    expect(classifiers.lanes.at(-1)?.variant.sha256).toBe(next.sha256);
    expect(state()).toMatchObject({ rho: 64, step: 0, of: 2 });
    await run(6);
    expect(state()).toMatchObject({ rho: 32, step: 1, of: 2 });
    expect(classifiers.lanes.at(-1)?.variant.sha256).toBe(next.sha256);
  });

  it('comes back at the ρ where it stood when the classifier dies', async () => {
    const { run, takes, classifiers, bodies } = await governed();
    takes.ms = 40;
    await run(6);
    classifiers.lanes.at(-1)?.die();
    await run(5);
    expect(classifiers.lanes.at(-1)).toMatchObject({ format: { rho: 32 }, closed: false });
    expect((await bodies('results')).at(-1)?.frame).toBeGreaterThan(100);
  });

  it('calls a step off when the classifier dies before it came about', async () => {
    const { run, takes, classifiers, camera, clock, bodies } = await governed();
    takes.ms = 40;
    const [first] = classifiers.lanes;
    // The other classifier is warm, and its first frame has not come.
    for (let frame = 0; classifiers.lanes.length === 1 && frame < 100; frame += 1) {
      camera.frame();
      await clock.advance(40);
      first?.answer(undefined, 39);
      await clock.advance(60);
    }
    expect(classifiers.lanes.length).toBe(2);
    first?.die();
    await settle();
    expect(classifiers.lanes[1]?.closed).toBe(true);
    await run(3);
    expect(classifiers.lanes.at(-1)).toMatchObject({ format: { rho: 64 }, closed: false });
    takes.ms = 5;
    const before = (await bodies('results')).length;
    await run(2);
    expect((await bodies('results')).length).toBe(before + 20);
  });

  it('follows a classifier that died during a step and came back at its ρ', async () => {
    const clock = new FakeClock();
    let end: (serves: boolean) => void = () => undefined;
    const reported: number[] = [];
    const governor = new Governor({
      settings: governing,
      resize: () =>
        new Promise((resolve) => {
          end = resolve;
        }),
      isSteady: () => true,
      pace: () => undefined,
      clock,
      random: () => 0,
      log: rememberedLog(),
      emit: () => undefined,
      onState: ({ rho }) => reported.push(rho),
    });
    governor.start();
    governor.serves(new FakeLane(several, 64));
    const late = { frame: 1, at: 1, ms: 40, stages: { preprocess: 1, inference: 38, postprocess: 1 }, variant: several.sha256, top: [] };
    for (let frame = 0; frame < 60; frame += 1) {
      governor.arrived();
      governor.classified({ ...late, rho: 64 });
      await clock.advance(100);
    }
    expect(governor.rhoFor(several)).toBe(32);
    governor.serves(new FakeLane(several, 32));
    end(false);
    await settle();
    expect(reported).toEqual([64, 32]);
    expect(governor.rhoFor(several)).toBe(32);
    governor.stop();
    expect(clock.pending).toBe(0);
  });

  it('says nothing of a step that the end of the agent ends', async () => {
    const { agent, run, takes, classifiers, log, clock } = await governed();
    takes.ms = 40;
    classifiers.hangs = true;
    await run(6);
    expect(classifiers.lanes).toHaveLength(1);
    const stopped = agent.stop();
    await clock.advance(2000);
    await stopped;
    expect(log.lines.filter((line) => line.includes('did not come about'))).toEqual([]);
  });

  it('says once what of its settings does nothing', async () => {
    const { run, log, state } = await governed({ budget: { p95: 20 }, allowed: { rhos: [224] } });
    await run(5);
    const said = log.lines.filter((line) => line.includes('the governor:'));
    expect(said).toEqual([
      expect.stringContaining('allow-rhos 224: the variant serves ρ 64, 48, 32'),
      expect.stringContaining('no step is allowed'),
    ]);
    expect(state()).toMatchObject({ rho: 64, of: 1 });
  });

  it('says once that the lowest step does not hold the limits', async () => {
    const { run, takes, log } = await governed();
    takes.ms = 90;
    await run(60);
    const said = log.lines.filter((line) => line.includes('does not hold the limits'));
    expect(said).toEqual([expect.stringContaining('the lowest step that is allowed, ρ 32, does not hold the limits (latency)')]);
  });

  it('reports nothing where it is not set', async () => {
    const { run, state } = await governed({ budget: {}, allowed: {} });
    await run(1);
    expect(state()).toBeUndefined();
  });
});
