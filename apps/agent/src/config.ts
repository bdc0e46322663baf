/** @file What the agent runs with: the settings, and what follows from them. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { anyProbability, parseThresholds } from './domain/thresholds.ts';
import type { Preferences } from './io/inference/preferences.ts';
import type { GovernorSettings } from './runtime/governor.ts';
import type { PublishingSettings } from './runtime/publisher.ts';
import { type Resolved, settingError } from './settings/resolve.ts';
import type { Values } from './settings/table.ts';

/** The hub's HTTP port, beside its broker's. */
const modelsPort = 1880;

export type Config = Omit<Values, 'camera' | 'dataDir' | 'modelsUrl' | 'outboxLimit'> & {
  readonly camera: string;
  readonly dataDir: string;
  readonly modelsUrl: URL;
  readonly outboxBytes: number;
};

/** Where a device keeps its things unless told otherwise. */
export function dataFolder({ dataDir, id }: Pick<Values, 'dataDir' | 'id'>): string {
  return dataDir ?? join(homedir(), '.local', 'share', 'alpharho-agent', id);
}

/** What a path in a desired state stands on. */
export function modelsAddress({ modelsUrl, hub }: Pick<Values, 'modelsUrl' | 'hub'>): URL {
  return new URL(modelsUrl ?? `http://${new URL(hub).hostname}:${modelsPort}`);
}

/** Which results and which pictures leave the device. */
export function publishing(
  values: Pick<
    Values,
    'publish' | 'changeCount' | 'publishInterval' | 'thresholds' | 'thumbnails' | 'thumbnailSide' | 'thumbnailBlur' | 'snapshots'
  >,
): PublishingSettings {
  const { thresholds, thumbnailSide: side, thumbnailBlur: blur } = values;
  return {
    policy: {
      mode: values.publish,
      changeCount: values.changeCount,
      intervalMs: values.publishInterval * 1000,
      thresholds: (thresholds === undefined ? undefined : parseThresholds(thresholds)) ?? anyProbability,
    },
    thumbnails: values.thumbnails ? { side, blur } : undefined,
    snapshots: values.snapshots,
  };
}

/** @throws AlpharhoError config_invalid where there is no camera: nothing else must be given */
export function runConfig({ values, origins }: Resolved): Config {
  const { camera, dataDir: _dataDir, modelsUrl: _modelsUrl, outboxLimit, ...rest } = values;
  if (camera === undefined) {
    throw settingError('camera', undefined, origins.camera, 'expected a video file, a folder of images, a URL or "synthetic"');
  }
  return { ...rest, camera, dataDir: dataFolder(values), modelsUrl: modelsAddress(values), outboxBytes: outboxLimit * 1e6 };
}

/** How variants are to run. @throws AlpharhoError config_invalid where a provider is named that the installed runtime does not know */
export async function inference({
  providers,
  threads,
  tune,
  precision,
  dataDir,
}: Pick<Config, 'providers' | 'threads' | 'tune' | 'precision' | 'dataDir'>): Promise<Preferences> {
  const named = providers.includes('auto') ? undefined : providers;
  if (named !== undefined) {
    // The runtime's library is loaded by the classifier's thread alone, unless somebody asks for something of it.
    const { checkProviders, runtimeProviders } = await import('@alpharho/mobilenet-core/classify');
    checkProviders(
      named,
      runtimeProviders().map(({ name }) => name),
    );
  }
  return { providers: named, threads, tune, twins: precision === 'fastest', folder: dataDir };
}

/** What the governor is to hold, and by which steps. */
export function governing({
  budgetP95,
  minRate,
  maxTemperature,
  allowRhos,
  allowRates,
}: Pick<Config, 'budgetP95' | 'minRate' | 'maxTemperature' | 'allowRhos' | 'allowRates'>): GovernorSettings {
  return { budget: { p95: budgetP95, minRate, maxTemperature }, allowed: { rhos: allowRhos, rates: allowRates, minRate } };
}
