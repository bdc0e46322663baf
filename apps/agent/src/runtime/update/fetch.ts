/** @file Brings a variant's file onto this device: downloaded, checked, opened, and written down as the one that is tried. */
import { AlpharhoError, type Desired, type UpdateEvent } from '@alpharho/protocol';
import type { Classifiers, ModelStore, StagedModel } from '../../domain/ports.ts';
import { contradiction } from '../../domain/reconcile.ts';
import type { Keeper } from '../keeper.ts';
import { modelAddress } from './model-files.ts';

export type FetchOptions = {
  readonly store: ModelStore;
  readonly classifiers: Classifiers;
  readonly keeper: Keeper;
  /** What a path in `desired.url` stands on. */
  readonly modelsUrl: URL;
};

/** Nothing of the variant's own runs here yet. INVARIANT: what was opened is handed on once, or discarded at the end. */
export class Fetch {
  private readonly options: FetchOptions;
  private readonly desired: Desired;
  private staged: StagedModel | undefined;

  constructor(options: FetchOptions, desired: Desired) {
    this.options = options;
    this.desired = desired;
  }

  async download(signal: AbortSignal, progress: (percent: number) => void): Promise<UpdateEvent> {
    const { store, modelsUrl } = this.options;
    const { variant, url } = this.desired;
    // The digest stays unchecked until `verify`, which reads a file that was here already just the same.
    await store.fetch({ sha256: variant.sha256, bytes: variant.bytes, url: modelAddress(url, modelsUrl) }, progress, signal);
    return { type: 'downloaded' };
  }

  async verify(signal: AbortSignal): Promise<UpdateEvent> {
    const { store, classifiers } = this.options;
    const { variant } = this.desired;
    this.staged = await classifiers.open(await store.verify(variant, signal), signal);
    const difference = contradiction(variant, this.staged.variant);
    if (difference !== undefined) throw new AlpharhoError('variant_mismatch', difference);
    return { type: 'verified' };
  }

  /** From here on the variant's own code runs in this process, so it is written down first who would have killed it. */
  async stage(): Promise<UpdateEvent> {
    const { sha256 } = this.desired.variant;
    await this.options.keeper.update((kept) => ({
      ...kept,
      trying: { sha256, deaths: kept.trying?.sha256 === sha256 ? kept.trying.deaths : 0 },
    }));
    return { type: 'warmup_started' };
  }

  /** Hands the opened file on to whoever runs it. */
  take(): StagedModel {
    const { staged } = this;
    if (staged === undefined) throw new AlpharhoError('internal', 'a variant is to run that was not opened');
    this.staged = undefined;
    return staged;
  }

  end(): void {
    this.staged?.discard();
    this.staged = undefined;
  }
}
