/** @file The one poller of this process that notices commits, whoever made them, and tells its listeners which topics moved. */

export type ChangeListener = (topics: readonly string[]) => void;

type Options = {
  /** Reads the Change table: topic → revision. */
  read: () => Promise<ReadonlyMap<string, number>>;
  timers: { setTimeout: (run: () => void, ms: number) => unknown; clearTimeout: (handle: never) => void };
  /** Called once when reading begins to fail, and once when it works again (undefined). */
  onHealth?: (error: unknown) => void;
};

const pollMs = 250;
/** A database that cannot be read is asked less often. */
const failedPollMs = 2000;

/** From the first listener to the last one's end. What a read of an ended run brings is dropped. */
type Run = { known: ReadonlyMap<string, number> | undefined; timer: unknown };

/**
 * INVARIANTS: polls only while somebody listens; one run, and in it one read, at a time; the first read of a run only takes the measure,
 * so that a new listener is not told of what its page has just read.
 */
export class ChangeFeed {
  private readonly options: Options;
  private readonly listeners = new Set<ChangeListener>();
  private run: Run | undefined;
  private failing = false;

  constructor(options: Options) {
    this.options = options;
  }

  get listenerCount(): number {
    return this.listeners.size;
  }

  /** @returns ends the subscription; safe to call twice. */
  subscribe(listener: ChangeListener): () => void {
    this.listeners.add(listener);
    if (this.run === undefined) {
      this.run = { known: undefined, timer: undefined };
      void this.poll(this.run);
    }
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.halt();
    };
  }

  private halt(): void {
    if (this.run?.timer !== undefined) this.options.timers.clearTimeout(this.run.timer as never);
    this.run = undefined;
  }

  private async poll(run: Run): Promise<void> {
    try {
      const revisions = await this.options.read();
      if (this.run !== run) return;
      this.health(undefined);
      this.compare(run, revisions);
    } catch (error) {
      if (this.run !== run) return;
      this.health(error);
    }
    run.timer = this.options.timers.setTimeout(() => void this.poll(run), this.failing ? failedPollMs : pollMs);
  }

  private compare(run: Run, revisions: ReadonlyMap<string, number>): void {
    const { known } = run;
    run.known = revisions;
    if (known === undefined) return;
    const moved = [...revisions].filter(([topic, revision]) => known.get(topic) !== revision).map(([topic]) => topic);
    if (moved.length === 0) return;
    for (const listener of this.listeners) listener(moved);
  }

  private health(error: unknown): void {
    const failing = error !== undefined;
    if (failing !== this.failing) this.options.onHealth?.(error);
    this.failing = failing;
  }
}
