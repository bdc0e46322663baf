import { AlpharhoError, type DeviceEvent } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { startFakeAgent } from '../../test/support/fake-agent.ts';
import { variant } from '../../test/support/variants.ts';

const [a, b] = [variant('a'), variant('b')];

async function start() {
  const agent = await startFakeAgent({ known: [a, b], committed: a });
  agent.link.acknowledges = true;
  const events = async (): Promise<DeviceEvent[]> => {
    await agent.clock.advance(20_000);
    return agent.link.published.flatMap(({ name, message }) => (name === 'events' ? [message as DeviceEvent] : []));
  };
  return { ...agent, events };
}

describe('the hub hears', () => {
  it('of each phase of an update, in a stream of its own, numbered without gaps', async () => {
    const { want, frames, events } = await start();
    await frames(1);
    await want(b, 7);
    await frames(12);
    const status = (await events()).filter(({ stream }) => stream === 'status');
    const phases = ['downloading', 'verifying', 'staged', 'warming', 'switching', 'probation'].map((phase) => ['update.phase', phase, 7]);
    // What asks for the hub's word stands between them.
    expect(status.map(({ id, detail }) => [id, detail?.phase, detail?.revision])).toEqual([
      ...phases,
      ['update.proven', undefined, 7],
      ['update.phase', 'committed', 7],
    ]);
    expect(status.map(({ seq }) => seq)).toEqual(status.map((_, index) => index + 1));
    expect(status.every(({ level }) => level === 'info')).toBe(true);
    expect(status.at(-1)?.detail).toMatchObject({ outcome: 'ok', target: b.sha256 });
  });

  it('why an update failed', async () => {
    const { want, store, events } = await start();
    store.verifyFault = new AlpharhoError('digest_mismatch', 'other bytes than promised');
    await want(b, 7);
    const failed = (await events()).find(({ detail }) => detail?.phase === 'failed');
    expect(failed).toMatchObject({ level: 'error', message: expect.stringContaining('other bytes'), detail: { code: 'digest_mismatch' } });
  });

  it('of a camera that is lost and comes back, each once', async () => {
    const { camera, frames, events } = await start();
    await frames(1);
    camera.fault('camera_unreadable', 'unplugged');
    camera.fault('camera_unreadable', 'unplugged');
    camera.sink?.recovered();
    const told = (await events()).filter(({ id }) => id.startsWith('camera.'));
    expect(told.map(({ id, level, detail }) => [id, level, detail?.code])).toEqual([
      ['camera.lost', 'error', 'camera_unreadable'],
      ['camera.recovered', 'info', undefined],
    ]);
  });

  it('of a classifier that dies and is revived, and no second time as a line of the log', async () => {
    const { classifiers, frames, events } = await start();
    await frames(1);
    classifiers.lane(a).die();
    const told = await events();
    expect(told.filter(({ id }) => id.startsWith('classifier.')).map(({ id, level }) => [id, level])).toEqual([
      ['classifier.lost', 'error'],
      ['classifier.recovered', 'info'],
    ]);
    expect(told.filter(({ id }) => id.startsWith('log.'))).toEqual([]);
  });
});
