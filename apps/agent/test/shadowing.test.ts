/** @file A new variant beside the one that serves, on live frames of a real agent: what is slow, wrong or broken never serves. */
import {
  buildVariant,
  decodeModel,
  encodeModel,
  inspectionLineLabels,
  readMetadata,
  readVariant,
  writeMetadata,
} from '@alpharho/mobilenet-core';
import { devicePolicySchema } from '@alpharho/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Model, model, newSetting, type Setting } from './support/setting.ts';
import { eventually, isSlow, patience } from './support/wait.ts';

/** The same network with another digest. */
function copyOf({ bytes }: Model): Model {
  const decoded = decodeModel(bytes);
  const copy = encodeModel({ ...decoded, metadata: writeMetadata({ ...readMetadata(decoded.metadata), provenance: 'a copy' }) });
  return { bytes: copy, variant: readVariant(copy) };
}

/** One that answers with values that are no numbers. */
function broken(rho: number): Model {
  const decoded = decodeModel(buildVariant({ family: 'v1', alpha: 0.25, rho, labels: [...inspectionLineLabels], seed: 5 }));
  for (const tensor of decoded.graph.initializers) if (tensor.type === 'float32') tensor.data.fill(Number.NaN);
  const bytes = encodeModel(decoded);
  return { bytes, variant: readVariant(bytes) };
}

const serving = model(64);
const copy = copyOf(serving);
const stranger = model(64, 2);
const sharper = model(128);
const heavy: Model = (() => {
  const bytes = buildVariant({ family: 'v1', alpha: 1, rho: 224, labels: [...inspectionLineLabels], seed: 1 });
  return { bytes, variant: readVariant(bytes) };
})();
const nan = broken(64);

let setting: Setting;
beforeEach(async () => {
  setting = await newSetting([serving, copy, stranger, sharper, heavy, nan]);
});
afterEach(() => setting.end());

const terms = (shadow: object) => ({ policy: devicePolicySchema.parse({ shadow: { frames: 15, ...shadow }, probation: { frames: 5 } }) });

async function served() {
  const { run, file, hub } = setting;
  const agent = run(['--model', await file(serving)]);
  await eventually('results', () => hub.history.size >= 3);
  return agent;
}

const outcome = (revision: number) =>
  eventually(
    'the end of the update',
    () => {
      const reported = setting.lastReported();
      return reported?.revision === revision && ['committed', 'failed', 'rolled_back'].includes(reported.phase) ? reported : undefined;
    },
    60_000,
  );

/** Every frame of the history once and in order, by these variants. A machine that keeps up misses none. */
async function expectSeamless(models: readonly Model[]): Promise<void> {
  const { hub } = setting;
  const { size } = hub.history;
  await eventually('results after it', () => hub.history.size > size + 5);
  const rows = hub.rows();
  const changes = rows.filter(({ sha256 }, index) => sha256 !== rows[index - 1]?.sha256).map(({ sha256 }) => sha256);
  expect(changes).toEqual(models.map(({ variant }) => variant.sha256));
  const frames = rows.map(({ frame }) => frame);
  expect(frames).toEqual([...new Set(frames)].toSorted((a, b) => a - b));
  if (!isSlow) expect(frames).toEqual(Array.from(frames, (_, index) => index + 1));
}

describe('a variant in shadow', { timeout: 120_000 * patience }, () => {
  it('that answers as the serving one does takes over, and what was seen is reported', async () => {
    await served();
    setting.desire(copy, 1, terms({ minAgreement: 1 }));
    const reported = await outcome(1);
    expect(reported).toMatchObject({ phase: 'committed', outcome: 'ok', shadow: { frames: 15, agreement: 1 } });
    expect(reported.shadow?.p95Ms).toBeGreaterThan(0);
    expect(reported.shadow?.baselineP95Ms).toBeGreaterThan(0);
    await expectSeamless([serving, copy]);
  });

  it('of a larger ρ sees its own frames of the same pictures, and not one that serves is missed', async () => {
    await served();
    setting.desire(sharper, 1, terms({ minAgreement: 0 }));
    expect(await outcome(1)).toMatchObject({ phase: 'committed', shadow: { frames: 15 } });
    await expectSeamless([serving, sharper]);
  });

  it('that disagrees is refused, kept away from then on, and the old one serves on', async () => {
    await served();
    setting.desire(stranger, 1, terms({ minAgreement: 0.9 }));
    expect(await outcome(1)).toMatchObject({
      phase: 'failed',
      outcome: 'refused',
      lastError: { code: 'shadow_disagrees' },
      serving: { sha256: serving.variant.sha256 },
      quarantined: [{ sha256: stranger.variant.sha256, code: 'shadow_disagrees' }],
    });
    setting.desire(stranger, 2, terms({ minAgreement: 0 }));
    expect(await outcome(2)).toMatchObject({ outcome: 'refused', lastError: { code: 'quarantined' } });
    expect(setting.server.ranges).toHaveLength(1);
    await expectSeamless([serving]);
  });

  it('that is slow is refused, with both figures', async () => {
    await served();
    setting.desire(heavy, 1, terms({ minAgreement: 0, maxP95Ratio: 2 }));
    const reported = await outcome(1);
    expect(reported).toMatchObject({ outcome: 'refused', lastError: { code: 'shadow_slow' } });
    expect(reported.shadow?.p95Ms).toBeGreaterThan(2 * (reported.shadow?.baselineP95Ms ?? 0));
    await expectSeamless([serving]);
  });

  it('is not even shown a frame where its first answer is no number', async () => {
    await served();
    setting.desire(nan, 1, terms({ minAgreement: 0 }));
    const reported = await outcome(1);
    expect(reported).toMatchObject({ outcome: 'refused', lastError: { code: 'warmup_failed' } });
    expect(reported.shadow).toBeUndefined();
    await expectSeamless([serving]);
  });

  it('is not even shown a frame where it answers the golden input otherwise than its manifest says', async () => {
    await served();
    const golden = { top: [{ class: 0, probability: 1 }, { class: 1, probability: 1 }], tolerance: 0.01 }; // biome-ignore format: one line
    setting.desire(copy, 1, { ...terms({ minAgreement: 0 }), manifest: { golden } });
    const reported = await outcome(1);
    expect(reported).toMatchObject({ outcome: 'refused', lastError: { code: 'golden_mismatch' } });
    expect(reported.shadow).toBeUndefined();
    await expectSeamless([serving]);
  });
});
