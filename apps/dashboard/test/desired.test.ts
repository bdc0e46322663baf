/** @file Intent reaches a device, whenever it connects and whatever became of the hub meanwhile. */

import { afterEach, beforeEach, expect, it } from 'vitest';
import { openRegistry } from '../src/server/registry.ts';
import { addVariant } from '../src/server/services/add-variant.ts';
import { assignVariant } from '../src/server/services/assign-variant.ts';
import { connectDevice } from './support/device.ts';
import { variantFile } from './support/files.ts';
import { startTestHub, type TestHub } from './support/hub.ts';
import { results } from './support/messages.ts';

let hub: TestHub;
let variantIds: string[];

beforeEach(async () => {
  hub = await startTestHub();
  const registry = await openRegistry(hub.db, hub.config);
  variantIds = await Promise.all([1, 2].map(async (seed) => (await addVariant(registry, variantFile(seed))).id));
});
afterEach(() => hub.close());

const give = (index: number) => assignVariant(hub.db, { deviceIds: ['line-01'], variantId: variantIds[index] ?? '' });

it('a device hears what it is to be, fetches the file, and hears the next', async () => {
  const device = await connectDevice({ port: hub.mqttPort });
  await device.sendResults(results());
  await give(0);
  const desired = await device.until(() => device.desired[0]);
  expect(desired).toMatchObject({
    revision: 1,
    url: `/models/${variantIds[0]}`,
    device: 'line-01',
    manifest: { variant: { sha256: variantIds[0], alpha: 0.25, weights: 'random' } },
  });
  expect(await device.until(() => device.keys[0])).toMatchObject({ signatures: [{ keyId: expect.any(String) }] });
  const response = await fetch(`http://127.0.0.1:${hub.httpPort}${desired.url}`);
  expect((await response.arrayBuffer()).byteLength).toBe(desired.manifest.variant.bytes);
  await give(1);
  expect(await device.until(() => device.desired[1])).toMatchObject({ revision: 2, manifest: { variant: { sha256: variantIds[1] } } });
  await device.leave();
});

it('a device that was away hears the latest only, also from a hub that was started again', async () => {
  const device = await connectDevice({ port: hub.mqttPort });
  await device.sendResults(results());
  await device.leave();
  await give(0);
  await give(1);
  await hub.restart();
  const back = await connectDevice({ port: hub.mqttPort, session: 'session-b' });
  expect(await back.until(() => back.desired[0])).toMatchObject({ revision: 2, manifest: { variant: { sha256: variantIds[1] } } });
  await back.leave();
  await hub.restart();
  const again = await connectDevice({ port: hub.mqttPort, session: 'session-c' });
  expect(await again.until(() => again.desired[0])).toMatchObject({ revision: 2 });
  await again.leave();
});

it('a device that the wire has no words for keeps no other from hearing what it is to be', async () => {
  const odd = await connectDevice({ port: hub.mqttPort, id: 'a-odd' });
  const device = await connectDevice({ port: hub.mqttPort });
  await Promise.all([odd, device].map((each) => each.sendResults(results())));
  // A row that no program of ours writes stands for whatever makes one device's message impossible.
  await hub.db.variant.update({ where: { id: variantIds[1] }, data: { manifest: 'no manifest' } });
  await hub.db.device.update({ where: { id: 'a-odd' }, data: { desiredId: variantIds[1], desiredRevision: 1 } });
  await give(0);
  expect(await device.until(() => device.desired[0])).toMatchObject({ revision: 1 });
  await odd.leave();
  await device.leave();
});

it('a hub with a public address sends devices there', async () => {
  const open = await startTestHub({ publicUrl: 'https://hub.example' });
  const { id } = await addVariant(await openRegistry(open.db, open.config), variantFile());
  const device = await connectDevice({ port: open.mqttPort });
  await device.sendResults(results());
  await assignVariant(open.db, { deviceIds: ['line-01'], variantId: id });
  expect((await device.until(() => device.desired[0])).url).toBe(`https://hub.example/models/${id}`);
  await device.leave();
  await open.close();
});
