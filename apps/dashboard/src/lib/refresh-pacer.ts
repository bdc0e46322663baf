/** @file Turns a stream of "something changed" into as few page refreshes as the eye needs. */

type Timers = { setTimeout: (run: () => void, ms: number) => unknown; clearTimeout: (handle: never) => void; now: () => number };

type Options = {
  /** Shortest time between two refreshes, milliseconds. */
  intervalMs: number;
  refresh: () => void;
  timers: Timers;
};

/** A refresh that has not been shown by then is given up: the next request may try again. */
const giveUpMs = 10_000;

/**
 * The first request is served at once, those that follow at most every `intervalMs`, and none while a refresh is still under way:
 * a slow server is asked less often, never twice at a time. No request is lost: the last one is always followed by a refresh.
 */
export class RefreshPacer {
  private readonly options: Options;
  private lastStart = Number.NEGATIVE_INFINITY;
  private busy = false;
  private wanted = false;
  private timer: unknown;
  private guard: unknown;

  constructor(options: Options) {
    this.options = options;
  }

  request(): void {
    this.wanted = true;
    this.consider();
  }

  /** The page tells that the refresh has been shown. */
  settled(): void {
    this.clear(this.guard);
    this.guard = undefined;
    this.busy = false;
    this.consider();
  }

  stop(): void {
    this.wanted = false;
    this.clear(this.timer);
    this.clear(this.guard);
    this.timer = undefined;
    this.guard = undefined;
  }

  private clear(handle: unknown): void {
    if (handle !== undefined) this.options.timers.clearTimeout(handle as never);
  }

  private consider(): void {
    if (!this.wanted || this.busy || this.timer !== undefined) return;
    const { timers, intervalMs } = this.options;
    const wait = this.lastStart + intervalMs - timers.now();
    if (wait <= 0) {
      this.begin();
      return;
    }
    this.timer = timers.setTimeout(() => {
      this.timer = undefined;
      this.consider();
    }, wait);
  }

  private begin(): void {
    this.wanted = false;
    this.busy = true;
    this.lastStart = this.options.timers.now();
    this.guard = this.options.timers.setTimeout(() => this.settled(), giveUpMs);
    this.options.refresh();
  }
}
