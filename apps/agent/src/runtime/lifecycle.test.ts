/** @file The end of the agent, whatever it is doing: nothing goes on afterwards. */
import { AlpharhoError } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { startFakeAgent } from '../../test/support/fake-agent.ts';
import { settle } from '../../test/support/fake-clock.ts';
import { variant } from '../../test/support/variants.ts';
import { publishEverything } from './publisher.ts';

const held = { ...variant('a', 64), rhos: [64, 32] };
const next = variant('b', 96);

async function running() {
  const all = await startFakeAgent({
    known: [held, next],
    committed: held,
    governing: { budget: { p95: 20 }, allowed: { rhos: [64, 32] } },
    publishing: { ...publishEverything, snapshots: true },
  });
  await all.frames(2);
  return all;
}
type Running = Awaited<ReturnType<typeof running>>;

/** What it does when it is asked to stop. */
const states: Readonly<Record<string, (agent: Running) => Promise<unknown>>> = {
  serves: async () => undefined,
  'has results that nobody acknowledges': async ({ clock, frames }) => {
    await frames(20);
    await clock.advance(3000);
  },
  'has a disk that takes no writes': async ({ clock, outbox, frames }) => {
    outbox.writeFault = new AlpharhoError('disk_full', 'outbox.db: the disk is full');
    await frames(20);
    await clock.advance(3000);
  },
  downloads: async ({ store, want }) => {
    store.hangs = true;
    await want(next, 1);
  },
  'waits to download again': async ({ store, want }) => {
    store.fetchFault = new AlpharhoError('download_failed', 'http://hub:1880: HTTP 503');
    await want(next, 1);
  },
  'warms a classifier': async ({ classifiers, want }) => {
    classifiers.hangs = true;
    await want(next, 1);
  },
  'waits for the first frame of a switch': ({ want }) => want(next, 1),
  'has a variant on trial': async ({ want, frames }) => {
    await want(next, 1);
    await frames(3);
  },
  'revives its classifier': async ({ classifiers }) => {
    classifiers.lanes[0]?.die();
    await settle();
  },
  'has a lost camera': async ({ camera }) => camera.fault('camera_unreadable', 'no frame for 10 s'),
  'was asked for a picture': async ({ link, clock }) =>
    link.listener?.request({ v: 1, id: 'request-1', kind: 'snapshot', issuedAt: clock.now() }),
  'left out events': async ({ camera }) => {
    for (let time = 0; time < 50; time += 1) {
      camera.fault('camera_unreadable', `fault ${time}`);
      camera.sink?.recovered();
    }
    await settle();
  },
};

describe('an agent that is asked to stop', () => {
  it.each(Object.entries(states))('while it %s leaves no timer and no classifier behind', async (_state, reach) => {
    const all = await running();
    await reach(all);
    const stopped = all.agent.stop();
    await all.clock.advance(3000);
    await stopped;
    expect(all.clock.pending).toBe(0);
    expect(all.classifiers.lanes.filter(({ closed }) => !closed)).toEqual([]);
    expect(all.camera.stopped).toBe(true);
  });
});
