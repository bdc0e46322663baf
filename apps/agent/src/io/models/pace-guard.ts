/** @file Ends a download that stands still, or that is kept slower than any honest line ("slow retrieval" in TUF's words). */
import { AlpharhoError } from '@alpharho/protocol';
import type { Cancel, Clock } from '../../domain/clock.ts';

export type Pace = {
  /** A server that sends nothing for this long is given up, milliseconds. */
  readonly stallMs: number;
  /** Bytes a second, over each window; 0 puts up with anything. */
  readonly floor: number;
  readonly windowMs: number;
};

/** @param floor slowest that is put up with, bytes a second */
export function paceOf(floor: number): Pace {
  return { stallMs: 20_000, floor, windowMs: 60_000 };
}

/** INVARIANT: once it has fired, `fault` says why, and its signal is aborted. */
export class PaceGuard {
  readonly signal: AbortSignal;
  fault: AlpharhoError | undefined;
  private readonly clock: Clock;
  private readonly pace: Pace;
  private readonly place: string;
  private readonly abort = new AbortController();
  private cancelStall: Cancel = () => undefined;
  private cancelWindow: Cancel = () => undefined;
  private inWindow = 0;

  /** @param place the server, for words. @param outer the caller's own signal */
  constructor(clock: Clock, pace: Pace, place: string, outer: AbortSignal) {
    this.clock = clock;
    this.pace = pace;
    this.place = place;
    this.signal = AbortSignal.any([this.abort.signal, outer]);
    this.waitForMore();
    if (pace.floor > 0) this.beginWindow();
  }

  came(bytes: number): void {
    this.inWindow += bytes;
    this.waitForMore();
  }

  end(): void {
    this.cancelStall();
    this.cancelWindow();
  }

  private waitForMore(): void {
    const { stallMs } = this.pace;
    this.cancelStall();
    this.cancelStall = this.clock.after(stallMs, () => this.fire('download_failed', `no bytes for ${stallMs / 1000} s`));
  }

  private beginWindow(): void {
    const { floor, windowMs } = this.pace;
    this.inWindow = 0;
    this.cancelWindow = this.clock.after(windowMs, () => {
      const seconds = windowMs / 1000;
      if (this.inWindow >= floor * seconds) this.beginWindow();
      else
        this.fire('download_too_slow', `${this.inWindow} bytes came in ${seconds} s, at least ${Math.ceil(floor * seconds)} are expected`);
    });
  }

  private fire(code: 'download_failed' | 'download_too_slow', what: string): void {
    this.end();
    this.fault = new AlpharhoError(code, `${this.place}: ${what}`);
    this.abort.abort(this.fault);
  }
}
