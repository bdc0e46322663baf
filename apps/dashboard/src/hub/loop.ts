/** @file Something that is done again and again, and whose failures are told when they begin and when they end, not each time. */
import type { Logger } from '../server/logger.ts';
import { pause, type Timers } from './timers.ts';

type Options = {
  /** For the log: "the sign of life". */
  name: string;
  /** From the end of one round to the begin of the next, milliseconds. */
  everyMs: number;
  run: (signal: AbortSignal) => Promise<void>;
  logger: Logger;
  timers: Timers;
};

/** INVARIANTS: one round at a time; none begins after stop(); stop() ends when the round has, which its signal asks for. */
export class Loop {
  private readonly options: Options;
  private readonly ending = new AbortController();
  private ended: Promise<void> = Promise.resolve();
  private failing = false;

  constructor(options: Options) {
    this.options = options;
  }

  /** @returns when the first round has ended, whether it worked or not. */
  start(): Promise<void> {
    const first = this.round();
    this.ended = first.then(() => this.repeat());
    return first;
  }

  async stop(): Promise<void> {
    this.ending.abort();
    await this.ended;
  }

  private async repeat(): Promise<void> {
    const { signal } = this.ending;
    while (!signal.aborted) {
      await pause(this.options.everyMs, this.options.timers, signal);
      if (!signal.aborted) await this.round();
    }
  }

  private async round(): Promise<void> {
    const { name, run, logger } = this.options;
    try {
      await run(this.ending.signal);
      if (this.failing) logger.info({}, `${name}: works again`);
      this.failing = false;
    } catch (error) {
      if (!this.failing) logger.error({ err: error }, `${name}: failed; it is tried again`);
      this.failing = true;
    }
  }
}
