/** @file A variant that was never measured: it serves at once, and is measured afterwards. */
import { AlpharhoError, type MessageOf } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { startFakeAgent } from '../../test/support/fake-agent.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { FakeLane } from '../../test/support/fake-lanes.ts';
import { rememberedLog } from '../../test/support/logs.ts';
import { variant } from '../../test/support/variants.ts';
import type { SystemFacts } from '../domain/ports.ts';
import { Refinement } from './refinement.ts';

const a = { ...variant('a', 64), rhos: [64, 32] };
const b = variant('b', 64);

async function started(facts?: () => SystemFacts) {
  const agent = await startFakeAgent({ known: [a, b], committed: a, tunes: true, ...(facts && { facts }) });
  const { clock, outbox, link, frames, classifiers } = agent;
  await frames(2);
  /** Lets time pass in which frames come. */
  const seconds = async (count: number) => {
    for (let second = 0; second < count; second += 1) {
      await frames(1);
      await clock.advance(1000);
    }
    await frames(1);
  };
  const bodies = async (stream: 'results' | 'events') => {
    await clock.advance(1500);
    return (await outbox.read(stream, undefined, 1000)).map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  };
  const told = async () => (await bodies('events')).filter(({ id }) => id === 'inference.settings') as MessageOf<'events'>[];
  const inference = () => link.reports.at(-1)?.inference;
  const lane = () => classifiers.lanes.at(-1) as FakeLane;
  return { ...agent, seconds, bodies, told, inference, lane };
}

describe('a variant that was not measured yet', () => {
  it('serves at once, and runs better between two frames once it was, without losing one', async () => {
    const { seconds, bodies, told, inference, classifiers, link } = await started();
    expect(inference()).toMatchObject({ threads: 1, tuned: false });
    expect(classifiers.lanes).toHaveLength(1);
    const since = link.reports.at(-1)?.servingSince;
    await seconds(7);
    expect(inference()).toMatchObject({ threads: 2, tuned: true });
    expect(link.reports.at(-1)?.servingSince).toBe(since);
    expect(classifiers.lanes.map(({ closed }) => closed)).toEqual([true, false]);
    expect((await told()).map(({ detail }) => detail?.tuned)).toEqual([false, true]);
    const frames = (await bodies('results')).map(({ frame }) => frame);
    expect(frames).toEqual(Array.from({ length: frames.length }, (_, index) => index + 1));
    await seconds(60);
    expect(classifiers.lanes).toHaveLength(2);
  });

  it('runs on as it is where the machine has no room, says so once, and is measured when there is', async () => {
    const { seconds, told, inference, classifiers } = await started();
    classifiers.tuneFault = new AlpharhoError('warmup_failed', 'not tuned: the machine is busy');
    await seconds(100);
    expect(inference()).toMatchObject({ tuned: false, reason: 'not tuned: the machine is busy; it is tried again later' });
    expect(await told()).toHaveLength(2);
    classifiers.tuneFault = undefined;
    await seconds(130);
    expect(inference()).toEqual({ provider: 'cpu', threads: 2, precision: 'float32', tuned: true });
  });

  it('says once why it was not measured, also where that was tried before', async () => {
    const lane = new FakeLane(a);
    const tried = { ...lane.inference, reason: 'cuda: no driver; not tuned: the machine is busy' };
    const reasons: (string | undefined)[] = [];
    const clock = new FakeClock();
    const refinement = new Refinement({
      refine: () => Promise.reject(new Error('not tuned: the machine is busy')),
      isSteady: () => true,
      clock,
      random: () => 0,
      log: rememberedLog(),
      onPutOff: (_, { reason }) => reasons.push(reason),
    });
    refinement.serves(Object.assign(lane, { inference: tried, isTunable: true }));
    await clock.advance(10_000);
    expect(reasons).toEqual(['cuda: no driver; not tuned: the machine is busy; it is tried again later']);
    refinement.stop();
  });

  it('keeps its way where two classifiers would be more than the memory that is there', async () => {
    const free = { memoryAvailableBytes: 30e6 };
    const { seconds, inference, classifiers } = await started(() => ({ memoryBytes: 1, ...free }));
    await seconds(10);
    expect(classifiers.lanes).toHaveLength(1);
    expect(inference()?.reason).toBe(
      'not tuned: 30 MB of memory are available, and a second classifier for a moment wants 40 MB; it is tried again later',
    );
    free.memoryAvailableBytes = 50e6;
    await seconds(60);
    expect(inference()).toMatchObject({ tuned: true });
  });

  it('comes back at once from a fault, and is measured afterwards', async () => {
    const { seconds, lane, inference, classifiers, clock, frames } = await started();
    lane().die();
    await clock.advance(1000);
    await frames(1);
    expect(classifiers.lanes).toHaveLength(2);
    expect(inference()).toMatchObject({ tuned: false });
    await seconds(7);
    expect(inference()).toMatchObject({ tuned: true });
  });

  it('gives way to an update, whose variant is measured before it serves', async () => {
    const { want, frames, clock, inference, classifiers, link, lane } = await started();
    classifiers.hangsTuning = true;
    await clock.advance(5000);
    classifiers.hangsTuning = false;
    await want(b, 1);
    await frames(12);
    expect(link.reports.at(-1)).toMatchObject({ phase: 'committed', serving: { sha256: b.sha256 } });
    expect(inference()).toMatchObject({ tuned: true });
    expect(classifiers.calledOff).toBe(1);
    expect(lane().variant).toBe(b);
  });

  it('is given up where the classifier that ran better dies before its first frame', async () => {
    const { clock, frames, lane, inference, classifiers, seconds } = await started();
    await clock.advance(5000);
    expect(classifiers.lanes).toHaveLength(2);
    lane().die();
    await frames(2);
    expect(inference()).toMatchObject({ tuned: false });
    await seconds(60);
    expect(inference()).toMatchObject({ tuned: true });
  });

  it('ends with the agent', async () => {
    const { agent, clock, classifiers } = await started();
    await clock.advance(5000);
    const stopped = agent.stop();
    await clock.advance(2000);
    await stopped;
    expect(classifiers.lanes.every(({ closed }) => closed)).toBe(true);
    expect(clock.pending).toBe(0);
  });
});
