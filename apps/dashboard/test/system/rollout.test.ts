/** @file Rollouts over real agents: three processes with ONNX Runtime and cameras, the real hub, and what became of every frame. */
import type { Database } from '@alpharho/db';
import { buildVariant, decodeModel, encodeModel, inspectionLineLabels, readMetadata, writeMetadata } from '@alpharho/mobilenet-core';
import type { RolloutSpecInput } from '@alpharho/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRegistry } from '../../src/server/registry.ts';
import { readRollout } from '../../src/server/rollouts/store/read.ts';
import { addVariant } from '../../src/server/services/add-variant.ts';
import { createRollout } from '../../src/server/services/create-rollout.ts';
import { startRollout } from '../../src/server/services/start-rollout.ts';
import { steerRollout } from '../../src/server/services/steer-rollout.ts';
import { letTimePass, repeatBackwards, telemetryOf } from './passing-time.ts';
import { type Process, Product } from './product.ts';

const names = ['line-1', 'line-2', 'line-3'];
/** Frames a second: what three agents on two cores answer beside a new variant. */
const rate = 5;
const labels = [...inspectionLineLabels];
const network = (alpha: number, rho: number, seed = 1) => buildVariant({ family: 'v1', alpha, rho, labels, seed });
const old = network(0.25, 64);
/** How many times as long as on a quiet machine everything may take. */
const patience = Number(process.env.ALPHARHO_TEST_PATIENCE ?? 4);
const waiting = { timeout: 120_000, interval: 100 };

/** The same network with another digest. */
function copyOf(bytes: Uint8Array): Uint8Array {
  const decoded = decodeModel(bytes);
  return encodeModel({ ...decoded, metadata: writeMetadata({ ...readMetadata(decoded.metadata), provenance: 'a copy' }) });
}

/** One that answers with values that are no numbers. */
function broken(): Uint8Array {
  const decoded = decodeModel(network(0.25, 64, 5));
  for (const tensor of decoded.graph.initializers) if (tensor.type === 'float32') tensor.data.fill(Number.NaN);
  return encodeModel(decoded);
}

/** One that ONNX Runtime opens and cannot run: a convolution whose weights are those of another one. */
function crashing(): Uint8Array {
  const decoded = decodeModel(network(0.25, 64, 6));
  const convolutions = decoded.graph.nodes.filter(({ op }) => op === 'Conv');
  const [first, second] = convolutions;
  if (first === undefined || second === undefined) throw new Error('no convolutions');
  (first.inputs as string[])[1] = (second.inputs as string[])[1] as string;
  return encodeModel(decoded);
}

let product: Product;
let db: Database;
let agents: Process[];
let hub: Process;

async function add(bytes: Uint8Array): Promise<string> {
  return (await addVariant(await openRegistry(db, { dataDir: product.folder }), bytes)).id;
}

beforeEach(async () => {
  product = await Product.create();
  hub = await product.startHub();
  db = await product.database();
  const { file } = await product.variantFile(0.25, 64);
  agents = names.map((name) => product.startAgent(name, { modelFile: file, rate, more: ['--threads', '1'] }));
  for (const name of names) await expect.poll(() => db.result.count({ where: { deviceId: name } }), waiting).toBeGreaterThan(5);
  await add(old);
});

afterEach(() => product.destroy());

async function begin(spec: Omit<RolloutSpecInput, 'targets'>): Promise<string> {
  const { id } = await createRollout(db, { spec: { targets: { where: 'id=line-*' }, ...spec } }, new Date());
  await startRollout(db, id, new Date());
  return id;
}

const seen = async (id: string) => {
  const found = await readRollout(db, id, Date.now());
  if (found === null) throw new Error('no rollout');
  return found;
};
async function comes(id: string, state: string): Promise<void> {
  await expect
    .poll(async () => (await seen(id)).state, waiting)
    .toBe(state)
    .catch(async (error: Error) => {
      const { devices, verdicts } = await seen(id);
      const told = [...devices.map(({ id: name, state, error }) => ({ name, state, error })), ...verdicts.map(({ message }) => message)];
      throw new Error(`${error.message}; ${JSON.stringify(told)}`);
    });
}
/** Errors are judged and pass; latency of one device against two may be beyond judging: then an operator says so. */
async function goesOn(id: string, phase: number): Promise<void> {
  const errors = async () =>
    (await seen(id)).verdicts.some((row) => row.metric === 'errorRate' && row.phase === phase && row.verdict === 'pass');
  await expect.poll(errors, { ...waiting, message: 'the gate on errors passes' }).toBe(true);
  const isOn = async () => {
    const now = await seen(id);
    if (now.phase > phase || now.state === 'completed') return true;
    if (now.state === 'evaluating') await steerRollout(db, id, { type: 'skip', phase }, new Date());
    return false;
  };
  await expect.poll(isOn, { ...waiting, message: `phase ${phase} is over` }).toBe(true);
}
const stateCounts = async (id: string) => (await seen(id)).devices.map(({ state }) => state).sort();

async function servings(): Promise<(string | null)[]> {
  const rows = await db.device.findMany({ where: { id: { in: names } }, orderBy: { id: 'asc' } });
  return rows.map(({ servingId }) => servingId);
}

/** Nothing lost, nothing twice, nothing out of order; what is not in the history was dropped for a newer frame, and counted. Ends the agents. */
async function expectEveryFrame(order: readonly string[]): Promise<void> {
  for (const agent of agents) expect(await agent.end('SIGTERM')).toBe(0);
  for (const name of names) {
    const sessions = await db.session.findMany({ where: { deviceId: name } });
    expect(sessions).toHaveLength(1);
    const rows = await db.result.findMany({ where: { deviceId: name }, orderBy: { seq: 'asc' } });
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, index) => index + 1));
    const gaps = rows.slice(1).map(({ frame }, index) => frame - (rows[index]?.frame ?? 0));
    expect(Math.min(...gaps)).toBe(1);
    const { classified, dropped } = await telemetryOf(db, name);
    // A window may end between a frame and its count.
    expect(Math.abs(classified - rows.length)).toBeLessThanOrEqual(1);
    expect(dropped).toBeGreaterThanOrEqual((rows.at(-1)?.frame ?? 0) - rows.length);
    const switches = rows.slice(1).flatMap(({ variantId }, index) => (variantId === rows[index]?.variantId ? [] : [index]));
    expect([rows[0]?.variantId, ...switches.map((index) => rows[index + 1]?.variantId)]).toEqual(order);
    // Where a variant takes over, the next frame is its own; one may have waited for it.
    for (const index of switches) expect(gaps[index]).toBeLessThanOrEqual(2);
  }
}

describe('a rollout over real agents', { timeout: 600_000 }, () => {
  it('goes from the canary to all, with an operator where the gates cannot tell of so few, and not a result is lost', async () => {
    const [before, after] = [await add(old), await add(copyOf(old))];
    const windows = (variant: string, devices: number) =>
      expect
        .poll(
          async () =>
            (await db.telemetryWindow.groupBy({ by: ['deviceId'], where: { variantId: variant }, _count: true })).filter(
              ({ _count }) => _count >= 2,
            ).length,
          { ...waiting, message: 'telemetry' },
        )
        .toBe(devices);
    await windows(before, 3);
    await repeatBackwards(db, names, 30);
    const pass = async () => {
      await hub.end('SIGTERM');
      await letTimePass(db, names, 15);
      hub = await product.startHub();
    };

    const phases = [
      { count: 1, soak: '1min' as const },
      { percent: 100, soak: '1min' as const },
    ];
    // Limits that a loaded machine keeps: what the gates find is shown elsewhere.
    const gates = {
      window: '8min',
      latencyP95: { maxRatioToControl: 100 },
      frameRate: { minRatioToControl: 0.01 },
      errorRate: { max: 0.05 },
    };
    const device = { shadow: { frames: 15, minAgreement: 1 }, probation: { frames: 5 } };
    const id = await begin({ variant: after, phases, gates, device });
    await comes(id, 'soaking');
    expect(await stateCounts(id)).toEqual(['committed', 'waiting', 'waiting']);
    await windows(after, 1);
    await pass();
    await goesOn(id, 0);
    await expect.poll(async () => (await seen(id)).phase, { ...waiting, message: 'the second phase' }).toBe(1);
    await comes(id, 'soaking');
    await windows(after, 3);
    expect(await stateCounts(id)).toEqual(['committed', 'committed', 'committed']);
    await pass();
    await goesOn(id, 1);
    await comes(id, 'completed');

    const { verdicts } = await seen(id);
    expect(verdicts.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
    expect(await servings()).toEqual([after, after, after]);
    await expectEveryFrame([before, after]);
  });

  it('stops a slow variant, a disagreeing one and broken ones before they serve, as its onFail says', async () => {
    const before = await add(old);
    const phases = [
      { count: 1, soak: 0 },
      { percent: 100, soak: 0 },
    ];
    const probation = { frames: 5 };
    const cases = [
      {
        bytes: network(1, 224),
        shadow: { frames: 15, minAgreement: 0, maxP95Ratio: 2, maxP95Ms: 10 },
        onFail: 'roll_back',
        ends: 'rolled_back',
        code: 'shadow_slow',
      },
      {
        bytes: network(0.25, 64, 2),
        shadow: { frames: 15, minAgreement: 0.9 },
        onFail: 'abort',
        ends: 'aborted',
        code: 'shadow_disagrees',
      },
      { bytes: broken(), shadow: { frames: 15, minAgreement: 0 }, onFail: 'pause', ends: 'paused', code: 'warmup_failed' },
      { bytes: crashing(), shadow: { frames: 15, minAgreement: 0 }, onFail: 'roll_back', ends: 'rolled_back', code: 'warmup_failed' },
    ] as const;
    for (const { bytes, shadow, onFail, ends, code } of cases) {
      const variant = await add(bytes);
      const id = await begin({ variant, phases, onFail, device: { shadow, probation } });
      await comes(id, ends);
      const { devices } = await seen(id);
      const [canary, ...others] = devices;
      expect(canary).toMatchObject({ state: 'failed', error: { code } });
      for (const other of others) expect(other).toMatchObject({ state: ends === 'paused' ? 'waiting' : 'skipped', toldAt: null });
      expect(await servings()).toEqual([before, before, before]);
      if (ends === 'paused') await steerRollout(db, id, { type: 'abort' }, new Date());
    }
    await expectEveryFrame([before]);
  });

  it('is aborted while devices shadow, and all have what they had within seconds', async () => {
    const before = await add(old);
    const variant = await add(network(1, 128));
    const shadow = { frames: 5000, minAgreement: 0, withinMs: 3_600_000 };
    const id = await begin({ variant, phases: [{ percent: 100 }], device: { shadow } });
    const phasesOf = async () => (await db.device.findMany({ orderBy: { id: 'asc' } })).map(({ phase }) => phase);
    await expect.poll(phasesOf, waiting).toEqual(['shadowing', 'shadowing', 'shadowing']);
    const begun = performance.now();
    await steerRollout(db, id, { type: 'abort' }, new Date());
    await expect.poll(() => stateCounts(id), waiting).toEqual(['returned', 'returned', 'returned']);
    expect({ seconds: performance.now() - begun < 5_000 * patience }).toEqual({ seconds: true });
    expect(await servings()).toEqual([before, before, before]);
    await expectEveryFrame([before]);
  });
});
