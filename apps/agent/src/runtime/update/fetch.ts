/** @file Brings a variant's file onto this device: downloaded, checked, opened, and written down as the one that is tried. */
import { AlpharhoError, type UpdateEvent } from '@alpharho/protocol';
import type { Wanted } from '../../domain/desired-door.ts';
import { deathsOf } from '../../domain/kept-state.ts';
import { memoryFault } from '../../domain/memory-need.ts';
import type { Classifiers, ModelStore, Signatures, StagedModel, System } from '../../domain/ports.ts';
import { contradiction } from '../../domain/reconcile.ts';
import type { Keeper } from '../keeper.ts';
import { modelAddress } from './model-files.ts';

export type FetchOptions = {
  readonly store: ModelStore;
  readonly classifiers: Classifiers;
  readonly keeper: Keeper;
  readonly machine: System;
  readonly signatures: Signatures;
  /** What a path in the desired state's `url` stands on. */
  readonly modelsUrl: URL;
};

/** Nothing of the variant's own runs here yet. INVARIANT: what was opened is handed on once, or discarded at the end. */
export class Fetch {
  private readonly options: FetchOptions;
  private readonly wanted: Wanted;
  private staged: StagedModel | undefined;

  constructor(options: FetchOptions, wanted: Wanted) {
    this.options = options;
    this.wanted = wanted;
  }

  async download(signal: AbortSignal, progress: (percent: number) => void): Promise<UpdateEvent> {
    const { store, modelsUrl } = this.options;
    const { manifest, url } = this.wanted;
    const { sha256, bytes } = manifest.variant;
    // The digest stays unchecked until `verify`, which reads a file that was here already just the same.
    await store.fetch({ sha256, bytes, url: modelAddress(url, modelsUrl) }, progress, signal);
    return { type: 'downloaded' };
  }

  async verify(signal: AbortSignal): Promise<UpdateEvent> {
    await this.open(signal);
    return { type: 'verified' };
  }

  /** An update that waits takes no memory. */
  rest(): void {
    this.staged?.discard();
    this.staged = undefined;
  }

  /**
   * From here on the variant's own code runs in this process, so it is written down first who would have killed it.
   * @throws AlpharhoError where it cannot be: a variant that kills the process would do so at each start
   */
  async stage(signal: AbortSignal): Promise<UpdateEvent> {
    if (this.staged === undefined) await this.open(signal);
    const { sha256 } = this.wanted.manifest.variant;
    const fault = await this.options.keeper.update((kept) => ({ ...kept, trying: { sha256, deaths: deathsOf(kept, sha256) } }));
    if (fault !== undefined) throw fault;
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
    this.rest();
  }

  /** Length and digest before it is opened; then everything that its manifest says of it. */
  private async open(signal: AbortSignal): Promise<void> {
    const { store, classifiers, machine, signatures } = this.options;
    const { manifest } = this.wanted;
    const lack = memoryFault(manifest.variant, (await machine.facts()).memoryAvailableBytes);
    if (lack !== undefined) throw new AlpharhoError('memory_short', lack);
    const staged = await classifiers.open(await store.verify(manifest.variant, signal), signal);
    // A step that was given up may come back late.
    if (signal.aborted) staged.discard();
    signal.throwIfAborted();
    this.staged = staged;
    const labels = signatures.sha256(Buffer.from(JSON.stringify(staged.variant.labels)));
    const difference = contradiction(manifest, staged.variant, labels);
    if (difference !== undefined) throw new AlpharhoError('variant_mismatch', difference);
  }
}
