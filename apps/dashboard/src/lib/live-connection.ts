/** @file The browser's end of the change feed: connects, notices silence, tries again, rests while the tab is hidden. */

/** The part of EventSource that is used. */
export type LiveSource = {
  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void;
  close(): void;
};

export type LiveState = 'connecting' | 'live' | 'reconnecting' | 'paused';

type Timers = { setTimeout: (run: () => void, ms: number) => unknown; clearTimeout: (handle: never) => void };

type Options = {
  open: () => LiveSource;
  timers: Timers;
  /** 0 to 1; spreads the reconnects of many tabs. */
  random: () => number;
  onState: (state: LiveState) => void;
  /** These topics changed. */
  onChange: (topics: string[]) => void;
  /** Changes may have been missed, or silence itself may be news: read everything again. */
  onResync: () => void;
  /** The server was heard. */
  onContact: () => void;
};

/** The server beats every 10 s; after two and a half beats without a word the connection is dead, whatever the socket says. */
const silenceMs = 25_000;
const firstRetryMs = 500;
const longestRetryMs = 10_000;

/** INVARIANT: at most one source and one timer at a time; both are gone while paused or stopped. */
export class LiveConnection {
  private readonly options: Options;
  private source: LiveSource | undefined;
  private timer: unknown;
  private failures = 0;

  constructor(options: Options) {
    this.options = options;
  }

  start(): void {
    this.connect('connecting');
  }

  /** The tab is hidden: nobody looks, so nothing is asked. */
  pause(): void {
    this.stop();
    this.options.onState('paused');
  }

  resume(): void {
    this.failures = 0;
    this.connect('reconnecting');
  }

  stop(): void {
    this.source?.close();
    this.source = undefined;
    this.clearTimer();
  }

  private connect(state: LiveState): void {
    this.stop();
    this.options.onState(state);
    const source = this.options.open();
    this.source = source;
    const current = (handle: (event: { data?: unknown }) => void) => (event: { data?: unknown }) => {
      if (this.source === source) handle(event);
    };
    source.addEventListener(
      'hello',
      current(() => {
        this.failures = 0;
        this.heard();
        this.options.onState('live');
        this.options.onResync();
      }),
    );
    source.addEventListener(
      'beat',
      current(() => {
        this.heard();
        this.options.onResync();
      }),
    );
    source.addEventListener(
      'change',
      current(({ data }) => {
        this.heard();
        this.options.onChange(String(data).split(' '));
      }),
    );
    source.addEventListener(
      'error',
      current(() => this.retry()),
    );
    this.watch();
  }

  private heard(): void {
    this.options.onContact();
    this.watch();
  }

  private watch(): void {
    this.clearTimer();
    this.timer = this.options.timers.setTimeout(() => this.retry(), silenceMs);
  }

  /** Tries again after 0.5, 1, 2 … 10 s, each with up to half as much again. */
  private retry(): void {
    this.stop();
    this.options.onState('reconnecting');
    const base = Math.min(firstRetryMs * 2 ** this.failures, longestRetryMs);
    this.failures += 1;
    this.timer = this.options.timers.setTimeout(() => this.connect('reconnecting'), base * (1 + this.options.random() / 2));
  }

  private clearTimer(): void {
    if (this.timer !== undefined) this.options.timers.clearTimeout(this.timer as never);
    this.timer = undefined;
  }
}
