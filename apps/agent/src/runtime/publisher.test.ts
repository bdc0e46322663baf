import { type DeviceEvent, type MessageOf, requestMaxAgeMs } from '@alpharho/protocol';
import sharp from 'sharp';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startFakeAgent } from '../../test/support/fake-agent.ts';
import { settle } from '../../test/support/fake-clock.ts';
import { variant } from '../../test/support/variants.ts';
import { type PublishingSettings, publishEverything } from './publisher.ts';

const served = { ...variant('a'), labels: ['ok', 'dent'] };
type Publishing = Partial<Omit<PublishingSettings, 'policy'>> & { readonly policy?: Partial<PublishingSettings['policy']> };

async function start({ policy, ...rest }: Publishing = {}) {
  const publishing = { ...publishEverything, ...rest, policy: { ...publishEverything.policy, ...policy } };
  const board = await startFakeAgent({ known: [served], committed: served, publishing });
  board.link.acknowledges = true;
  /** A frame of one colour, classified as `label`. */
  const see = async (label: string, colour = 0, probability = 0.9) => {
    const { camera, classifiers } = board;
    const { format, sink } = camera;
    if (format === undefined) throw new Error('the camera was not started');
    sink?.begin(format)?.fill(colour);
    sink?.commit(format, 1);
    const lane = classifiers.lane(served);
    // What the camera writes into the slot now belongs to the next frame.
    lane.slot.fill(255 - colour);
    lane.answer([{ class: served.labels.indexOf(label), label, probability }]);
    await settle();
  };
  const see10 = async (label: string) => {
    for (let frame = 0; frame < 10; frame += 1) await see(label);
  };
  const sent = async <T extends 'results' | 'events' | 'telemetry' | 'snapshot'>(name: T) => {
    await board.clock.advance(10_000);
    return board.link.published.flatMap((each) => (each.name === name ? [each.message as MessageOf<T>] : []));
  };
  const frames = async () => (await sent('results')).flatMap(({ results }) => results.map(({ seq, frame }) => [seq, frame]));
  const changes = async () => (await sent('events')).filter(({ id }) => id === 'result.changed');
  const ask = (id: string, request: { issuedAt?: number; maxSide?: number } = {}) =>
    board.link.listener?.request({ v: 1, id, kind: 'snapshot', issuedAt: board.clock.now(), ...request });
  return { ...board, see, see10, sent, frames, changes, ask };
}

async function pictureOf({ thumbnail }: DeviceEvent): Promise<{ width: number; height: number; mean: number }> {
  const file = sharp(Buffer.from(thumbnail?.data ?? '', 'base64'));
  const { width, height } = await file.metadata();
  const { channels } = await file.stats();
  return { width, height, mean: channels[0]?.mean ?? Number.NaN };
}

/** Pictures are made in other threads, which a fake clock does not move. */
const until = <T>(count: number, get: () => Promise<T[]>): Promise<T[]> =>
  vi.waitFor(
    async () => {
      const found = await get();
      expect(found).toHaveLength(count);
      return found;
    },
    { timeout: 10_000, interval: 20 },
  );

afterEach(() => vi.restoreAllMocks());

describe('what an agent publishes', () => {
  it('on change: the first of each run, numbered without gaps, and counted exactly', async () => {
    const board = await start({ policy: { mode: 'change', changeCount: 2 } });
    for (const label of ['ok', 'ok', 'ok', 'dent', 'ok', 'dent', 'dent', 'dent']) await board.see(label);
    expect(await board.frames()).toEqual([
      [1, 1],
      [2, 6],
    ]);
    expect((await board.sent('telemetry'))[0]?.frames).toEqual({ captured: 8, classified: 8, dropped: 0, published: 2, failed: 0 });
    expect((await board.changes()).map(({ message, detail, frame, top }) => [message, detail?.replaced, frame, top?.[0]?.label])).toEqual([
      ['ok', undefined, 1, 'ok'],
      ['dent, after ok', 'ok', 6, 'dent'],
    ]);
  });

  it('every frame: tells no changes, and counts what was not sure', async () => {
    const board = await start({ policy: { thresholds: { labels: new Map([['dent', 0.8]]), others: 0 } } });
    await board.see('dent', 0, 0.5);
    await board.see10('ok');
    await board.see('dent', 0, 0.8);
    expect((await board.frames()).map(([, frame]) => frame)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect((await board.sent('telemetry'))[0]?.frames).toMatchObject({ classified: 12, published: 11 });
    expect(await board.changes()).toEqual([]);
  });

  it('says once which labels of the thresholds a variant does not have', async () => {
    const board = await start({
      policy: {
        thresholds: {
          labels: new Map([
            ['rust', 0.8],
            ['ok', 0.5],
          ]),
          others: 0,
        },
      },
    });
    await board.see10('ok');
    const said = (await board.sent('events')).filter(({ id }) => id === 'config.labels');
    expect(said).toHaveLength(1);
    expect(said[0]).toMatchObject({ level: 'warning', detail: { labels: 'rust' } });
  });
});

describe('thumbnails', () => {
  it('show the frame that began the run, though its memory was filled anew since', async () => {
    const board = await start({ policy: { mode: 'change', changeCount: 3 }, thumbnails: { side: 320, blur: false } });
    for (const colour of [200, 10, 20]) await board.see('ok', colour);
    for (const colour of [100, 30, 40]) await board.see('dent', colour);
    const pictures = await Promise.all((await until(2, board.changes)).map(pictureOf));
    expect(pictures[0]).toMatchObject({ width: 32, height: 32 });
    expect(pictures[0]?.mean).toBeCloseTo(200, -1);
    expect(pictures[1]?.mean).toBeCloseTo(100, -1);
  });

  it('come with every policy', async () => {
    const board = await start({ policy: { changeCount: 1 }, thumbnails: { side: 16, blur: true } });
    await board.see('ok', 90);
    const [event] = await until(1, board.changes);
    expect(event && (await pictureOf(event))).toMatchObject({ width: 16, height: 16 });
    expect(await board.frames()).toHaveLength(1);
  });

  it('are not made, nor is a frame copied, where they are off', async () => {
    const copied = vi.spyOn(Uint8Array.prototype, 'set');
    const board = await start({ policy: { mode: 'change', changeCount: 1 } });
    await board.see('ok');
    expect(copied.mock.calls.filter(([from]) => from.length === 32 * 32 * 3)).toEqual([]);
    expect((await board.changes())[0]).not.toHaveProperty('thumbnail');
  });

  it('cannot flood: a label that flaps gives ten events at once, then one a second, and a count of the rest', async () => {
    const board = await start({ policy: { mode: 'change', changeCount: 1 }, thumbnails: { side: 16, blur: false } });
    for (let turn = 0; turn < 100; turn += 1) await board.see(turn % 2 === 0 ? 'ok' : 'dent');
    await until(10, board.changes);
    await board.clock.advance(60_000);
    const omitted = (await board.sent('events')).find(({ id }) => id === 'events.omitted');
    expect(omitted?.detail).toEqual({ 'result.changed': 90 });
    expect(await board.frames()).toHaveLength(100);
  });
});

describe('a request for a snapshot', () => {
  const open = { snapshots: true };

  it('is answered with the next frame and its classification', async () => {
    const board = await start(open);
    await board.see('ok');
    board.ask('request-1');
    await board.see('dent', 150);
    const [answer] = await until(1, () => board.sent('snapshot'));
    expect(answer).toMatchObject({ id: 'request-1', variant: served.sha256, top: [{ label: 'dent' }], image: { width: 32, height: 32 } });
    const { channels } = await sharp(Buffer.from(answer?.image?.data ?? '', 'base64')).stats();
    expect(channels[0]?.mean).toBeCloseTo(150, -1);
  });

  it('may ask for a smaller one', async () => {
    const board = await start(open);
    board.ask('request-1', { maxSide: 16 });
    await board.see('ok');
    expect((await until(1, () => board.sent('snapshot')))[0]?.image).toMatchObject({ width: 16, height: 16 });
  });

  it.each([
    ['snapshots are off', {}, 0, 'snapshots_off'],
    ['it is older than a minute', open, -requestMaxAgeMs - 1, 'request_stale'],
    ['it comes from the future', open, requestMaxAgeMs + 1, 'request_stale'],
  ])('is refused where %s', async (_, publishing, offset, code) => {
    const board = await start(publishing);
    board.ask('request-1', { issuedAt: board.clock.now() + offset });
    await board.see('ok');
    const answers = await board.sent('snapshot');
    expect(answers).toEqual([expect.objectContaining({ id: 'request-1', error: expect.objectContaining({ code }) })]);
  });

  it('is refused with the camera’s fault where there is no camera', async () => {
    const board = await start(open);
    board.camera.fault('camera_missing', 'no such device');
    board.ask('request-1');
    expect((await board.sent('snapshot'))[0]?.error).toMatchObject({ code: 'camera_missing', message: 'no such device' });
  });

  it('is refused after five seconds where no frame comes', async () => {
    const board = await start(open);
    board.ask('request-1');
    expect((await board.sent('snapshot'))[0]?.error).toMatchObject({ code: 'camera_unreadable' });
  });

  it('is refused while another is in work, and for two seconds after', async () => {
    const board = await start(open);
    board.ask('request-1');
    board.ask('request-2');
    await board.see('ok');
    board.ask('request-3');
    await board.clock.advance(2000);
    board.ask('request-4');
    await board.see('ok');
    const answers = await until(4, () => board.sent('snapshot'));
    expect(answers.map(({ id, error }) => [id, error?.code]).sort()).toEqual([
      ['request-1', undefined],
      ['request-2', 'request_too_often'],
      ['request-3', 'request_too_often'],
      ['request-4', undefined],
    ]);
  });
});
