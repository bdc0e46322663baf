/** @file Holds what must survive a restart, and writes it down at each change, one write at a time. */
import { type AlpharhoError, isAlpharhoError } from '@alpharho/protocol';
import type { KeptState } from '../domain/kept-state.ts';
import { nothingKept } from '../domain/kept-state.ts';
import type { Journal, Log } from '../domain/ports.ts';

export type KeeperOptions = {
  readonly journal: Journal;
  readonly log: Log;
  readonly onFault: (fault: AlpharhoError | undefined) => void;
};

/** INVARIANT: the journal's writes follow each other in the order of the changes. */
export class Keeper {
  private readonly options: KeeperOptions;
  private kept: KeptState = nothingKept;
  private writing: Promise<void> = Promise.resolve();
  private failing = false;

  constructor(options: KeeperOptions) {
    this.options = options;
  }

  get state(): KeptState {
    return this.kept;
  }

  async load(): Promise<KeptState> {
    this.kept = (await this.options.journal.load()) ?? nothingKept;
    return this.kept;
  }

  /**
   * @param change pure: the state before → the state after
   * @returns once it is written, or has failed to be: then it holds in this process, and is tried again with the next change
   */
  update(change: (kept: KeptState) => KeptState): Promise<void> {
    this.kept = change(this.kept);
    this.writing = this.writing.then(() => this.write());
    return this.writing;
  }

  private async write(): Promise<void> {
    const { journal, log, onFault } = this.options;
    try {
      await journal.save(this.kept);
      if (this.failing) onFault(undefined);
      this.failing = false;
    } catch (error) {
      if (!isAlpharhoError(error)) throw error;
      if (!this.failing) log.error(`the update journal cannot be written, a restart may forget the latest change: ${error.message}`);
      this.failing = true;
      onFault(error);
    }
  }
}
