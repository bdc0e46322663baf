import { LatencySketch } from '@alpharho/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../../../../test/support/files.ts';
import { planVariants } from './plan-variants.ts';
import { readPlanFacts } from './read-plan-facts.ts';

const now = Date.UTC(2026, 0, 10, 12);
const day = new Date(Date.UTC(2026, 0, 9));
const digest = (letter: string) => letter.repeat(64);
let database: TestDatabase;

beforeEach(async () => {
  database = await createDatabase();
  const common = {
    family: 'v1',
    rho: 160,
    precision: 'float32',
    classes: 2,
    weights: 'trained',
    bytes: 1000,
    stored: true,
    labels: '["cat","dog"]',
  };
  await database.db.variant.createMany({
    data: [
      { id: digest('a'), ...common, alpha: 0.5, top1: 60 },
      { id: digest('b'), ...common, alpha: 0.75, top1: 68 },
      { id: digest('c'), ...common, alpha: 1, top1: 72 },
      { id: digest('d'), ...common, alpha: 0.25, top1: 75, retiredAt: day },
      { id: digest('e'), ...common, alpha: 1.4, top1: 80, stored: false },
    ],
  });
  const boards: [string, string | null, string][] = [
    ['pi-1', 'Raspberry Pi 4', 'a'],
    ['pi-2', 'Raspberry Pi 4', 'a'],
    ['pi-3', 'Raspberry Pi 4', 'c'],
    ['orin-1', 'Jetson Orin Nano', 'c'],
    ['new-1', null, 'a'],
  ];
  for (const [id, hardwareClass, serving] of boards)
    await database.db.device.create({ data: { id, hardwareClass, servingId: digest(serving) } });
});
afterEach(() => database.close());

async function measure(deviceId: string, hardwareClass: string, letter: string, ms: number, rho = 160): Promise<void> {
  const sketch = new LatencySketch();
  for (let frame = 0; frame < 5000; frame += 1) sketch.record(ms * (0.8 + (0.2 * frame) / 4750));
  const counts = { windows: 10, classified: 5000, dropped: 0, seconds: 500, memorySum: 1e9, memoryMost: 120_000_000n };
  await database.db.variantMeasure.create({
    data: { variantId: digest(letter), rho, hardwareClass, deviceId, day, ...counts, latency: JSON.stringify(sketch.toWire()) },
  });
}

it('a plan from what the database holds', async () => {
  for (const device of ['pi-1', 'pi-2', 'pi-3']) {
    await measure(device, 'Raspberry Pi 4', 'a', 20);
    await measure(device, 'Raspberry Pi 4', 'b', 40);
    await measure(device, 'Raspberry Pi 4', 'c', 70);
  }
  // At another resolution it would do; that is another workload.
  await measure('pi-1', 'Raspberry Pi 4', 'c', 15, 128);
  const facts = await readPlanFacts(database.db, { deviceIds: ['pi-1', 'pi-2', 'pi-3', 'orin-1', 'new-1'], now });
  expect(facts.unclassed).toEqual(['new-1']);
  expect(facts.classes.map(({ hardwareClass, devices, serves }) => [hardwareClass, devices, serves])).toEqual([
    ['Jetson Orin Nano', 1, digest('c')],
    ['Raspberry Pi 4', 3, digest('a')],
  ]);
  expect(facts.candidates.map(({ id }) => id)).toEqual([digest('a'), digest('b'), digest('c')]);
  const figures = facts.figures.find(({ variant }) => variant === digest('b'));
  expect(figures).toMatchObject({
    hardwareClass: 'Raspberry Pi 4',
    frameRate: 10,
    memoryBytes: 120e6,
    p95: { frames: 15_000, devices: 3 },
  });
  expect(figures?.p95.value).toBeCloseTo(40, -0.5);
  expect(figures?.p95.high).toBeGreaterThanOrEqual(figures?.p95.value ?? 0);

  const plan = planVariants({ best: 'accuracy', limits: { p95Ms: 50 } }, facts.classes, facts.candidates, facts.figures);
  expect(plan.variants).toEqual({ 'Raspberry Pi 4': digest('b') });
  expect(plan.blocking).toEqual(['Jetson Orin Nano']);
});
