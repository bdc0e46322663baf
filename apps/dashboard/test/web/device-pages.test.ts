/** @file Events, pictures and tokens as the pages read them, against a real database. */
import { beforeAll, describe, expect, it } from 'vitest';
import { readEventCursor } from '../../src/lib/event-facts.ts';
import { takePicture } from '../../src/server/actions/take-picture.ts';
import { loadDevice } from '../../src/server/queries/device.ts';
import { loadEnrolments } from '../../src/server/queries/enrolment.ts';
import { loadDeviceEvents, loadFleetEvents } from '../../src/server/queries/events.ts';
import { loadSnapshotPicture, loadSnapshots, loadThumbnail } from '../../src/server/queries/pictures.ts';
import { makeEnrolmentToken } from '../../src/server/services/enrolment-tokens.ts';
import { snapshotOpenMs } from '../../src/server/services/request-snapshot.ts';
import { addDevice, hub } from './fleet-fixture.ts';

const start = 1_800_000_000_000;
const image = new Uint8Array([255, 216, 255, 217]);

describe('events', () => {
  let withPicture = 0;
  beforeAll(async () => {
    const sessionId = await addDevice('events-1');
    const tell = (seq: number, level: string, stream: string | null, at: number) =>
      hub().deviceEvent.create({
        data: {
          deviceId: 'events-1',
          sessionId: stream === null ? null : sessionId,
          stream,
          seq: stream === null ? null : seq,
          at: new Date(at),
          kind: `k${seq}`,
          level,
          message: `${seq}`,
        },
      });
    // Ten at one instant, so that pages cannot be told apart by time alone.
    for (let seq = 1; seq <= 120; seq += 1) {
      const level = seq % 10 === 0 ? 'error' : seq % 5 === 0 ? 'warning' : 'info';
      const row = await tell(seq, level, 'events', start + Math.floor(seq / 10) * 1000);
      if (seq === 120) withPicture = row.id;
    }
    await tell(121, 'info', null, start - 1000);
    await tell(122, 'info', 'status', start + 60_000);
    await hub().eventThumbnail.create({
      data: { eventId: withPicture, deviceId: 'events-1', at: new Date(start), type: 'image/jpeg', width: 2, height: 2, image },
    });
  });

  it.each([
    ['all', 122],
    ['warning', 24],
    ['error', 12],
  ] as const)('of level %s are all walked through, newest first, none twice', async (level, count) => {
    const seen: number[] = [];
    let ats: number[] = [];
    let before: string | null = null;
    do {
      const page = await loadDeviceEvents('events-1', { limit: 7, level, before: readEventCursor(before ?? undefined) });
      seen.push(...page.events.map(({ id }) => id));
      ats = [...ats, ...page.events.map(({ at }) => at)];
      before = page.older;
    } while (before !== null);
    expect(seen).toHaveLength(count);
    expect(new Set(seen).size).toBe(count);
    expect(ats).toEqual(ats.toSorted((a, b) => b - a));
  });

  it('of the fleet leave out what only its device’s page shows', async () => {
    const messages = (await loadFleetEvents(1000)).filter(({ deviceId }) => deviceId === 'events-1').map(({ message }) => Number(message));
    expect(messages).toHaveLength(25);
    expect(messages.at(-1)).toBe(121);
    expect(messages.slice(0, -1).every((seq) => seq % 5 === 0)).toBe(true);
  });

  it('carry their picture, for the device whose it is', async () => {
    const { events } = await loadDeviceEvents('events-1', { limit: 3, level: 'error' });
    expect(events[0]).toMatchObject({ id: withPicture, thumbnail: { width: 2, height: 2 } });
    expect(await loadThumbnail('events-1', withPicture)).toMatchObject({ type: 'image/jpeg' });
    expect(await loadThumbnail('events-2', withPicture)).toBeNull();
    expect(await loadThumbnail('events-1', withPicture + 1)).toBeNull();
  });
});

describe('a picture', () => {
  beforeAll(async () => {
    await addDevice('camera-1');
  });

  it('is asked for, waited for and shown, and an older one stays while another is refused', async () => {
    expect(await loadSnapshots('camera-1')).toEqual({ latest: null, picture: null });
    const asked = await takePicture('camera-1');
    if (!asked.ok) throw new Error(asked.message);
    const waiting = await loadSnapshots('camera-1');
    expect(waiting).toMatchObject({ latest: { id: asked.id, answered: false }, picture: null });
    expect((waiting.latest?.openUntil ?? 0) - (waiting.latest?.requestedAt ?? 0)).toBe(snapshotOpenMs);
    expect(await loadSnapshotPicture('camera-1', asked.id)).toBeNull();

    const at = new Date(start);
    const top = JSON.stringify([{ class: 1, label: 'can', probability: 1 }]);
    await hub().snapshot.update({
      where: { id: asked.id },
      data: { answeredAt: at, at, type: 'image/jpeg', width: 2, height: 2, image, top },
    });
    const refused = {
      id: 'later',
      deviceId: 'camera-1',
      requestedAt: new Date(Date.now() + 1000),
      answeredAt: at,
      errorCode: 'snapshots_off',
    };
    await hub().snapshot.create({ data: refused });
    expect(await loadSnapshots('camera-1')).toMatchObject({
      latest: { id: 'later', errorCode: 'snapshots_off' },
      picture: { id: asked.id, at: start, label: 'can', width: 2 },
    });
    expect([...((await loadSnapshotPicture('camera-1', asked.id))?.image ?? [])]).toEqual([...image]);
    expect(await loadSnapshotPicture('events-1', asked.id)).toBeNull();
  });

  it.each([
    ['a device never heard of', 'nobody', /^Not asked: device nobody: never heard of/],
    ['a name that is none', '../etc', /^Not asked: a device id is /],
    ['something else altogether', { id: 'camera-1' }, /^Not asked: /],
  ])('is not asked of %s', async (_, input, message) => {
    expect(await takePicture(input)).toEqual({ ok: false, message: expect.stringMatching(message) });
  });
});

describe('a device', () => {
  it('shows text of its own choosing that turns no other text round', async () => {
    await addDevice('hostile-1');
    const lastTop = JSON.stringify([{ class: 1, label: '\u202Egnp.exe', probability: 0.5 }]);
    await hub().device.update({
      where: { id: 'hostile-1' },
      data: { boardModel: 'a\u202Eb', camera: 'c\u2066d', errorMessage: 'e\nf', cameraMessage: '\u202Dg', lastTop },
    });
    const facts = await loadDevice('hostile-1', '15m');
    const { boardModel, camera, errorMessage, cameraMessage, lastTop: top } = facts?.device ?? {};
    expect([boardModel, camera, errorMessage, cameraMessage, top?.[0]?.label]).toEqual(['ab', 'cd', 'e f', 'g', 'gnp.exe']);
  });

  it('tells what its agent says of the machine, and nothing where the agent is older', async () => {
    await addDevice('plain-1');
    expect((await loadDevice('plain-1', '15m'))?.device).toMatchObject({
      throttled: null,
      inference: null,
      governor: null,
      cameraAt: null,
    });
    const governor = { rho: 160, rate: 5, step: 1, of: 3, reason: 'hot' };
    await hub().device.create({
      data: {
        id: 'rich-1',
        throttled: '["throttled"]',
        throttledSince: new Date(start),
        inference: '{"provider":"cpu","threads":2,"precision":"int8","tuned":true}',
        governor: JSON.stringify(governor),
        governorSince: new Date(start),
        sessions: { create: { session: 'session-rich', startedAt: new Date(start) } },
      },
    });
    const { id: sessionId } = await hub().session.findFirstOrThrow({ where: { deviceId: 'rich-1' } });
    const frames = { captured: 1, classified: 1, dropped: 0, latency: '{}', variantId: 'a'.repeat(64), outbox: 0, memoryBytes: 1n };
    await hub().telemetryWindow.create({
      data: {
        sessionId,
        seq: 1,
        deviceId: 'rich-1',
        start: new Date(0),
        end: new Date(1),
        ...frames,
        cpuFraction: 0.5,
        memoryTotalBytes: 4_000_000_000n,
        outboxDropped: '{"results":7}',
      },
    });
    const facts = await loadDevice('rich-1', '15m');
    expect(facts?.device).toMatchObject({
      throttled: ['throttled'],
      throttledSince: start,
      inference: { provider: 'cpu', threads: 2 },
      governor: { ...governor, since: start },
    });
    expect(facts?.system).toMatchObject({
      cpuFraction: 0.5,
      memoryTotalBytes: 4e9,
      memoryAvailableBytes: null,
      outboxDropped: { results: 7 },
    });
  });
});

describe('a token', () => {
  it('is followed from its making to its device’s first word, without its secret', async () => {
    const { id, token } = await makeEnrolmentToken(hub(), { name: 'quay-01' }, new Date());
    const [made] = await loadEnrolments(Date.now());
    expect(made).toMatchObject({ id, name: 'quay-01', usedAt: null, deviceId: null, heardAt: null });
    expect(JSON.stringify(made)).not.toContain(token.slice(12));
    await hub().device.create({ data: { id: 'quay-01', lastSeenAt: new Date(start) } });
    await hub().enrolmentToken.update({ where: { id }, data: { usedAt: new Date(start - 1), deviceId: 'quay-01' } });
    expect((await loadEnrolments(Date.now()))[0]).toMatchObject({ deviceId: 'quay-01', usedAt: start - 1, heardAt: start });
  });
});
