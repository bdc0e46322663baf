/** @file Opens a variant the way it runs best on this device: provider, threads, precision. In the classifier's own thread. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { VariantInfo } from '@alpharho/mobilenet-core';
import {
  type Classifier,
  createClassifier,
  describeMachine,
  fileTuningCache,
  hasFloatTwin,
  measureApart,
  missingLibrary,
  otherLoad,
  processorTime,
  type RunSetting,
  runtimeProviders,
  runtimeVersion,
  settingsFor,
  threadChoices,
  tune,
} from '@alpharho/mobilenet-core/classify';
import { AlpharhoError } from '@alpharho/protocol';
import type { InferenceReport, Tune } from '../../domain/ports.ts';
import { cpu, type InferencePreferences, providerOrder, usualThreads } from './preferences.ts';
import { ProviderTrials } from './provider-trials.ts';

/** A variant is tuned once on a device, while a lane of it or of another one serves: the figures of so many frames for each setting do. */
const tuningFrames = 60;
/** For the measurement itself, milliseconds. */
const tuningBudgetMs = 800;
/** How long the machine is looked at before. */
const lookMs = 100;
/** With less than this share of it idle, figures say little and cost others time. */
const roomy = 0.25;

/** @param isTunable it runs as usual, and was not measured */
export type Opened = { readonly classifier: Classifier; readonly inference: InferenceReport; readonly isTunable: boolean };

export type How = { readonly rho: number; readonly tune: Tune };

export type Tuning = {
  /** @throws where the machine has no room for a measurement */
  readonly checkRoom: () => Promise<void>;
  /** For all of it with opening the sessions, milliseconds. */
  readonly limitMs: number;
};

/** It comes up first. */
const notNow = new Error('it serves first');

const usualTuning: Tuning = { checkRoom, limitMs: 3000 };

type Choice = { readonly setting: RunSetting; readonly tuned: boolean; readonly isTunable: boolean };

/** @throws AlpharhoError warmup_failed where not even the CPU runs it, or it must be measured and cannot be now */
export async function openTuned(
  file: Uint8Array,
  variant: VariantInfo,
  how: How,
  preferences: InferencePreferences,
  tuning: Tuning = usualTuning,
): Promise<Opened> {
  return new Opening(file, variant, how, preferences, tuning).run();
}

class Opening {
  private readonly file: Uint8Array;
  private readonly variant: VariantInfo;
  private readonly how: How;
  private readonly preferences: InferencePreferences;
  private readonly tuning: Tuning;
  private readonly reasons: string[] = [];

  constructor(file: Uint8Array, variant: VariantInfo, how: How, preferences: InferencePreferences, tuning: Tuning) {
    this.tuning = tuning;
    this.file = file;
    this.variant = variant;
    this.how = how;
    this.preferences = preferences;
  }

  async run(): Promise<Opened> {
    const providers = await this.usable();
    const { setting, tuned, isTunable } = await this.choose(providers);
    const classifier = await createClassifier(this.file, { ...setting, rho: this.how.rho });
    const { provider, threads, twin = false } = setting;
    const reason = this.reasons.join('; ').slice(0, 500);
    const precision = twin ? 'float32' : this.variant.precision;
    return { classifier, isTunable, inference: { provider, threads, precision, tuned, ...(reason !== '' && { reason }) } };
  }

  /** Providers that come up here: the first one where an order was given, else all that the measurement has to choose from. */
  private async usable(): Promise<string[]> {
    const listed = runtimeProviders();
    const order = providerOrder(
      listed.map(({ name }) => name),
      this.preferences.providers,
    );
    const found: string[] = [];
    for (const provider of order) {
      const bundled = listed.find(({ name }) => name === provider)?.bundled ?? true;
      const reason = provider === cpu ? undefined : await this.whyNot(provider, bundled);
      // Nobody asked for an accelerator that is merely not installed.
      const isNews = this.preferences.providers !== undefined || missingLibrary({ name: provider, bundled }) === undefined;
      if (reason === undefined) found.push(provider);
      else if (isNews) this.reasons.push(`${provider}: ${reason}`);
      if (this.preferences.providers !== undefined && found.length > 0) break;
    }
    return found;
  }

  private async whyNot(provider: string, bundled: boolean): Promise<string | undefined> {
    const { failed, folder } = this.preferences;
    const missing = missingLibrary({ name: provider, bundled });
    if (missing !== undefined) return `${missing} is not installed beside the runtime`;
    const before = failed[provider];
    if (before !== undefined) return before;
    const trials = new ProviderTrials(join(folder, 'provider-trial.json'), runtimeVersion());
    if (await trials.ended(provider)) return 'it ended the process when it was tried last';
    try {
      await trials.run(provider, async () => (await createClassifier(this.file, { provider, rho: this.how.rho })).close());
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message.replace(/^the model does not run here: /, '') : String(error);
    }
  }

  private async choose(providers: readonly string[]): Promise<Choice> {
    const { threads, tune: wanted } = this.preferences;
    const [provider = cpu] = providers;
    const usual: Choice = {
      setting: { provider, threads: threads ?? usualThreads(availableParallelism()) },
      tuned: false,
      isTunable: false,
    };
    const settings = this.settings(providers);
    if (!wanted || settings.length < 2) return usual;
    try {
      return { setting: await this.fastest(settings), tuned: true, isTunable: false };
    } catch (cause) {
      const { rho, tune } = this.how;
      const reason = `not tuned: ${cause instanceof Error ? cause.message : String(cause)}`;
      if (tune === 'must') throw new AlpharhoError('warmup_failed', reason, { cause });
      if (cause !== notNow) this.reasons.push(reason);
      return { ...usual, isTunable: rho === this.variant.rho };
    }
  }

  private settings(providers: readonly string[]): RunSetting[] {
    const { threads, twins } = this.preferences;
    const counts = threads === undefined ? threadChoices(Math.min(availableParallelism(), 4)) : [threads];
    const settings = settingsFor(counts, providers);
    return twins && this.variant.precision === 'int8' && hasFloatTwin(this.file)
      ? settings.flatMap((setting) => [setting, { ...setting, twin: true }])
      : settings;
  }

  /** Measured once; after that it is known. @throws where it cannot be measured now */
  private async fastest(settings: readonly RunSetting[]): Promise<RunSetting> {
    const model = { variant: this.variant, read: async () => this.file };
    const [tuned] = await tune({
      models: [model],
      settings,
      goal: 'typical',
      machine: await describeMachine(),
      cache: fileTuningCache(join(this.preferences.folder, 'tuning.json')),
      measure: async () => {
        // Another ρ of the variant runs as its own does: that one is measured, and what steps down has no time to.
        if (this.how.rho !== this.variant.rho) throw new Error('this resolution is served for a while only');
        if (this.how.tune === 'later') throw notNow;
        await this.tuning.checkRoom();
        return measureApart(model, settings, { frames: tuningFrames, budgetMs: tuningBudgetMs, limitMs: this.tuning.limitMs });
      },
    });
    const { provider, threads, twin } = tuned!.best;
    return { provider, threads, ...(twin === true && { twin }) };
  }
}

/** @throws where the machine has no room for a measurement */
async function checkRoom(): Promise<void> {
  const since = processorTime();
  await pause(lookMs);
  const until = processorTime();
  const cores = availableParallelism();
  const own = (until.own - since.own) / Math.max(until.at - since.at, 1);
  const idle = cores - otherLoad(since, until).cores - own;
  if (idle < roomy * cores) throw new Error(`the machine is busy (${Math.max(idle, 0).toFixed(1)} of ${cores} cores idle)`);
}
