/** @file Keeps an update's steps within their time: one that overruns, or does not hear that it is called off, is left behind. */
import type { AlpharhoError, UpdatePhase } from '@alpharho/protocol';
import type { Cancel, Clock } from '../../domain/clock.ts';

/** What a step that is called off may take to put things in order; whoever waits for it was promised a second. */
const graceMs = 900;

/** INVARIANT: at most one timer runs, that of the phase entered last. */
export class StepWatch {
  private readonly clock: Clock;
  private readonly outer: AbortSignal;
  private phase: UpdatePhase | undefined;
  private abort = new AbortController();
  private cancel: Cancel = () => undefined;
  private begin: () => void = () => undefined;

  /** @param outer calls the whole update off */
  constructor(clock: Clock, outer: AbortSignal) {
    this.clock = clock;
    this.outer = outer;
  }

  /** The phase's time begins; nothing where it is the same phase still. */
  enter(phase: UpdatePhase, ms: number, fault: () => AlpharhoError): void {
    if (phase === this.phase) return;
    this.end();
    this.phase = phase;
    const abort = new AbortController();
    this.abort = abort;
    this.begin = () => {
      this.cancel();
      this.cancel = this.clock.after(ms, () => abort.abort(fault()));
    };
    this.begin();
  }

  /** Something was done: the phase's time begins anew. */
  extend(): void {
    this.begin();
  }

  end(): void {
    this.cancel();
    this.begin = () => undefined;
  }

  /** What the step is to heed. */
  get signal(): AbortSignal {
    return AbortSignal.any([this.abort.signal, this.outer]);
  }

  /**
   * @param step was begun with `signal`
   * @throws what the step throws; where it does not end in time after it was called off, the signal's reason
   */
  async over<T>(step: Promise<T>, signal: AbortSignal): Promise<T> {
    let cancel: Cancel = () => undefined;
    let wait: () => void = () => undefined;
    const late = new Promise<never>((_, reject) => {
      wait = () => {
        cancel = this.clock.after(graceMs, () => reject(signal.reason));
      };
      if (signal.aborted) wait();
      else signal.addEventListener('abort', wait, { once: true });
    });
    try {
      return await Promise.race([step, late]);
    } finally {
      // A phase has thousands of steps, one a frame.
      signal.removeEventListener('abort', wait);
      cancel();
    }
  }
}
