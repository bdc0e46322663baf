/** @file Warm latency of variants under several settings, with all that belongs together measured in the same rounds. */
import { type Classifier, createClassifier, type RunSetting } from '../runtime/classifier.ts';
import type { VariantInfo } from '../variant/info.ts';
import { type Latency, measureLatency } from './latency.ts';

/** A variant to be measured. */
export type MeasuredModel = {
  variant: VariantInfo;
  /** Reads the file's bytes; called when its turn comes. */
  read(): Promise<Uint8Array>;
};

/** Latency of one variant under one setting. */
export type SettingLatency = { sha256: string; setting: RunSetting; latency: Latency };

/** What {@link measureSettings} works on. */
export type MeasureSettingsOptions = {
  models: readonly MeasuredModel[];
  /** Each model is measured under each of them. */
  settings: readonly RunSetting[];
  /** Frames for each model and setting. */
  frames: number;
  /** See `MeasureOptions.budgetMs`; for each batch of models. */
  budgetMs?: number;
  signal?: AbortSignal;
  /** Called after each turn. */
  onProgress?: (done: number, total: number) => void;
};

/** Sessions that may be open at a time, and the bytes of their files together: a board has little memory. */
const mostSessions = 16;
const mostBytes = 128_000_000;

/**
 * Measures each model under each setting. What will be compared is measured in the same interleaved rounds: the settings of one variant, and
 * the variants that differ in precision alone; whatever else fits into memory joins them.
 * @returns model by model, setting by setting, in their order
 * @throws AlpharhoError warmup_failed where a model does not run under a setting; the signal's reason once it is aborted
 */
export async function measureSettings(options: MeasureSettingsOptions): Promise<SettingLatency[]> {
  const { models, settings, frames, budgetMs, signal, onProgress } = options;
  const found: SettingLatency[] = [];
  for (const batch of batches(models, settings.length)) {
    const before = found.length;
    const measured = await measureBatch(batch, settings, {
      frames,
      ...(budgetMs === undefined ? {} : { budgetMs }),
      ...(signal ? { signal } : {}),
      // As if each batch were as long as the others: each setting has the same number of turns.
      onProgress: (turn, turns) => {
        const turnsEach = turns / (batch.length * settings.length);
        onProgress?.(before * turnsEach + turn, models.length * settings.length * turnsEach);
      },
    });
    found.push(...measured);
  }
  const place = new Map(models.map(({ variant }, index) => [variant.sha256, index]));
  return found.sort((a, b) => (place.get(a.sha256) ?? 0) - (place.get(b.sha256) ?? 0));
}

type BatchOptions = { frames: number; budgetMs?: number; signal?: AbortSignal; onProgress: (done: number, total: number) => void };

async function measureBatch(
  models: readonly MeasuredModel[],
  settings: readonly RunSetting[],
  options: BatchOptions,
): Promise<SettingLatency[]> {
  const open: { sha256: string; setting: RunSetting; classifier: Classifier }[] = [];
  try {
    for (const { variant, read } of models) {
      const bytes = await read();
      for (const setting of settings) {
        options.signal?.throwIfAborted();
        open.push({ sha256: variant.sha256, setting, classifier: await createClassifier(bytes, setting) });
      }
    }
    const latencies = await measureLatency(
      open.map(({ classifier }) => classifier),
      options,
    );
    return open.map(({ sha256, setting }, index) => ({ sha256, setting, latency: latencies[index] as Latency }));
  } finally {
    await Promise.all(open.map(({ classifier }) => classifier.close()));
  }
}

/** Variants that differ in precision alone stay together. */
export function networkOf({ family, alpha, rho, classes }: VariantInfo): string {
  return `${family} ${alpha} ${rho} ${classes}`;
}

/**
 * Which models are measured in the same rounds: those of one network always, and with them as many others as fit.
 * @param settings how many sessions each model takes
 */
export function batches<M extends Pick<MeasuredModel, 'variant'>>(models: readonly M[], settings: number): M[][] {
  const networks = new Map<string, M[]>();
  for (const model of models) {
    const key = networkOf(model.variant);
    networks.set(key, [...(networks.get(key) ?? []), model]);
  }
  const made: M[][] = [];
  for (const network of networks.values()) {
    const last = made.at(-1);
    if (last !== undefined && fits([...last, ...network], settings)) last.push(...network);
    else made.push([...network]);
  }
  return made;
}

function fits(models: readonly Pick<MeasuredModel, 'variant'>[], settings: number): boolean {
  const bytes = models.reduce((sum, { variant }) => sum + variant.bytes, 0);
  return models.length * settings <= mostSessions && bytes * settings <= mostBytes;
}
