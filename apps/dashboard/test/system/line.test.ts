/** @file The whole line with its real processes: what a device saw is in the history exactly once, whatever is killed or swapped meanwhile. */
import type { Database } from '@alpharho/db';
import { demonstrationVariant, inspectionLineTruth } from '@alpharho/mobilenet-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRegistry } from '../../src/server/registry.ts';
import { addVariant } from '../../src/server/services/add-variant.ts';
import { assignVariant } from '../../src/server/services/assign-variant.ts';
import { makeEnrolmentToken } from '../../src/server/services/enrolment-tokens.ts';
import { requestSnapshot } from '../../src/server/services/request-snapshot.ts';
import { Product } from './product.ts';

const device = 'pi-4';
const waiting = { timeout: 120_000, interval: 100 };
let product: Product;

beforeEach(async () => {
  product = await Product.create();
});

afterEach(async () => {
  await product.destroy();
});

function history(db: Database) {
  return db.result.findMany({ where: { deviceId: device }, orderBy: [{ sessionId: 'asc' }, { seq: 'asc' }] });
}

async function resultsReach(db: Database, count: number): Promise<void> {
  await expect
    .poll(() => db.result.count({ where: { deviceId: device } }), { ...waiting, message: `${count} results` })
    .toBeGreaterThanOrEqual(count);
}

function oneToN(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

describe('the line from camera to history', () => {
  it('says what the built-in camera shows, from the weights that come with it', async () => {
    const file = await product.demonstrationFile(0.5, 160);
    await product.startHub();
    product.startAgent(device, { modelFile: file, rate: 100 });
    const db = await product.database();
    // Twenty products, one after the other. Frame numbers count from 1, the camera's frames from 0.
    await resultsReach(db, 800);
    const rows = await history(db);
    const right = rows.filter(({ frame, label }) => label === inspectionLineTruth(product.cameraSeed, frame - 1).label).length;
    expect(right / rows.length).toBeGreaterThan(0.75);
  });

  it('keeps every result exactly once and in order while the hub is killed and started again', async () => {
    const { file } = await product.variantFile(0.25, 32);
    const hub = await product.startHub();
    const agent = product.startAgent(device, { modelFile: file, rate: 50 });
    const db = await product.database();
    await resultsReach(db, 100);

    await hub.end('SIGKILL');
    const before = await db.result.count();
    await expect.poll(() => agent.output, { ...waiting, message: 'the agent notices' }).toMatch(/broker/i);
    await product.startHub();
    await resultsReach(db, before + 200);

    expect(await agent.end('SIGTERM')).toBe(0);
    // What the orderly end left in the outbox is sent by the next run, under the session it was born in.
    product.startAgent(device, { modelFile: file, rate: 50 });
    const sessions = () => db.result.groupBy({ by: ['sessionId'], _count: true, orderBy: { sessionId: 'asc' } });
    await expect.poll(async () => (await sessions()).length, { ...waiting, message: 'the second session' }).toBe(2);

    const first = (await sessions())[0];
    const rows = (await history(db)).filter((row) => row.sessionId === first?.sessionId);
    expect(rows.map((row) => row.seq)).toEqual(oneToN(rows.length));
    expect(rows.every((row, index) => index === 0 || row.frame > (rows[index - 1]?.frame ?? 0))).toBe(true);
    expect(rows.every((row, index) => index === 0 || row.at >= (rows[index - 1]?.at ?? row.at))).toBe(true);
  });

  it('swaps to a variant of another resolution without missing a frame', async () => {
    // Trained ones: what disagrees with the serving variant is not put into service.
    const serving = await product.demonstrationFile(0.25, 128);
    await product.startHub();
    const agent = product.startAgent(device, { modelFile: serving, rate: 10 });
    const db = await product.database();
    await resultsReach(db, 20);

    const variant = await addVariant(await openRegistry(db, { dataDir: product.folder }), demonstrationVariant({ alpha: 0.5, rho: 160 }));
    await assignVariant(db, { deviceIds: [device], variantId: variant.id });
    const servedByTarget = () => db.result.count({ where: { deviceId: device, variantId: variant.id } });
    await expect.poll(servedByTarget, { ...waiting, message: 'results of the new variant' }).toBeGreaterThanOrEqual(20);
    await expect.poll(async () => (await db.device.findUnique({ where: { id: device } }))?.phase, waiting).toBe('committed');

    expect(await agent.end('SIGTERM')).toBe(0);
    const rows = await history(db);
    // On a machine that has no time the newest frame wins, and the other is counted.
    expect(rows.every((row, index) => index === 0 || row.frame > (rows[index - 1]?.frame ?? 0))).toBe(true);
    const { _sum: counted } = await db.telemetryWindow.aggregate({
      where: { deviceId: device },
      _sum: { classified: true, dropped: true },
    });
    expect(counted.classified).toBe(rows.length);
    expect(counted.dropped).toBeGreaterThanOrEqual((rows.at(-1)?.frame ?? 0) - rows.length);
    expect(rows.map((row) => row.seq)).toEqual(oneToN(rows.length));
    const changes = rows.filter((row, index) => index > 0 && row.variantId !== rows[index - 1]?.variantId);
    expect(changes.map((row) => row.variantId)).toEqual([variant.id]);
  });
});

describe('what an agent tells and is asked', () => {
  it('is let in by a token, gives the picture that it is asked for, and tells what happened to it', async () => {
    const file = await product.demonstrationFile(0.25, 96);
    await product.startHub();
    const db = await product.database();
    const { token } = await makeEnrolmentToken(db, { name: device }, new Date());
    const configFile = `${product.folder}/agent.yaml`;
    expect(await product.enrol(configFile, token)).toMatchObject({ code: 0, output: expect.stringContaining(device) });
    expect((await product.enrol(`${product.folder}/other.yaml`, token)).code).not.toBe(0);
    expect(await db.device.findUnique({ where: { id: device } })).toMatchObject({ lastSeenAt: null, boardModel: expect.any(String) });

    const agent = product.startEnrolled(configFile, file);
    await resultsReach(db, 5);
    const refused = await requestSnapshot(db, device, new Date());
    const answer = (id: string) => db.snapshot.findUniqueOrThrow({ where: { id } });
    await expect.poll(async () => (await answer(refused.id)).errorCode, waiting).toBe('snapshots_off');
    await agent.end('SIGTERM');

    product.startAgent(device, { modelFile: file, rate: 10, more: ['--snapshots'] });
    await expect.poll(() => db.session.count({ where: { deviceId: device } }), waiting).toBe(2);
    const asked = await requestSnapshot(db, device, new Date());
    await expect.poll(async () => (await answer(asked.id)).answeredAt, waiting).not.toBeNull();
    const { image, type, top, errorCode } = await answer(asked.id);
    expect({ errorCode, type, jpeg: [...(image ?? [])].slice(0, 2) }).toEqual({ errorCode: null, type: 'image/jpeg', jpeg: [0xff, 0xd8] });
    expect(JSON.parse(top ?? '')).not.toHaveLength(0);

    const update = demonstrationVariant({ alpha: 0.5, rho: 96 });
    const variant = await addVariant(await openRegistry(db, { dataDir: product.folder }), update);
    await assignVariant(db, { deviceIds: [device], variantId: variant.id });
    const phases = async () =>
      (await db.deviceEvent.findMany({ where: { deviceId: device, kind: 'update.phase' } })).map(({ data }) => data);
    await expect.poll(phases, { ...waiting, message: 'the phases between' }).toContainEqual(expect.stringContaining('"verifying"'));
    await expect.poll(() => db.deviceEvent.count({ where: { kind: 'committed' } }), waiting).toBe(1);
    // Told by the report and by the event, and kept once.
    expect((await phases()).filter((data) => data?.includes('"committed"'))).toEqual([]);
    const measured = () => db.telemetryWindow.count({ where: { deviceId: device, memoryTotalBytes: { not: null } } });
    await expect.poll(measured, waiting).toBeGreaterThan(0);
  });
});
