/** @file Holds what must survive a restart, and writes it down at each change, one write at a time. */
import { type AlpharhoError, isAlpharhoError } from '@alpharho/protocol';
import type { Cancel, Clock } from '../domain/clock.ts';
import type { KeptState } from '../domain/kept-state.ts';
import { nothingKept } from '../domain/kept-state.ts';
import type { Journal, Log } from '../domain/ports.ts';

/** A disk that took no write is asked again after this long, milliseconds. */
const retryMs = 30_000;

export type KeeperOptions = {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
  readonly onFault: (fault: AlpharhoError | undefined) => void;
};

/** INVARIANT: the journal's writes follow each other in the order of the changes. */
export class Keeper {
  private readonly options: KeeperOptions;
  private kept: KeptState = nothingKept;
  private written: KeptState = nothingKept;
  private writing: Promise<AlpharhoError | undefined> = Promise.resolve(undefined);
  private cancelRetry: Cancel | undefined;

  constructor(options: KeeperOptions) {
    this.options = options;
  }

  get state(): KeptState {
    return this.kept;
  }

  async load(): Promise<KeptState> {
    this.kept = (await this.options.journal.load()) ?? nothingKept;
    this.written = this.kept;
    return this.kept;
  }

  /**
   * @param change pure: the state before → the state after. Changes that come at once are written as one
   * @returns once it is written; or why it could not be: then it holds in this process, and is tried again
   */
  update(change: (kept: KeptState) => KeptState): Promise<AlpharhoError | undefined> {
    this.kept = change(this.kept);
    this.writing = this.writing.then(() => this.write());
    return this.writing;
  }

  stop(): void {
    this.cancelRetry?.();
  }

  private async write(): Promise<AlpharhoError | undefined> {
    const { kept } = this;
    if (kept === this.written) return undefined;
    const { journal, onFault } = this.options;
    const wasFailing = this.cancelRetry !== undefined;
    this.cancelRetry?.();
    this.cancelRetry = undefined;
    try {
      await journal.save(kept);
      this.written = kept;
      if (wasFailing) onFault(undefined);
      return undefined;
    } catch (error) {
      if (!isAlpharhoError(error)) throw error;
      this.failed(error, wasFailing);
      return error;
    }
  }

  private failed(error: AlpharhoError, wasFailing: boolean): void {
    const { clock, log, onFault } = this.options;
    if (!wasFailing) log.error(`the update journal cannot be written, a restart may forget the latest change: ${error.message}`);
    this.cancelRetry = clock.after(retryMs, () => void this.update((kept) => kept));
    onFault(error);
  }
}
