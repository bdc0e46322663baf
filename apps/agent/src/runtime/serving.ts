/** @file The proven variant: it answers frames, steps aside for a trial, comes back from one, and is revived when its worker dies. */

import type { VariantInfo } from '@alpharho/mobilenet-core';
import { AlpharhoError, isAlpharhoError } from '@alpharho/protocol';
import { type BackoffPolicy, backoffMs } from '../domain/backoff.ts';
import { type Clock, delay } from '../domain/clock.ts';
import type { Classifiers, Lane, Log, WarmHow } from '../domain/ports.ts';
import type { Capture } from './capture.ts';
import type { FrameLoop } from './frame-loop.ts';

const revival: BackoffPolicy = { baseMs: 1000, maxMs: 60_000 };

export type Held = {
  readonly variant: VariantInfo;
  /** Its file's bytes, for a new worker. */
  readonly load: () => Promise<Uint8Array>;
};

export type ServingOptions = {
  readonly loop: FrameLoop;
  readonly capture: Capture;
  readonly classifiers: Classifiers;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly onFault: (fault: AlpharhoError | undefined) => void;
  /** At which of its ρ a variant is to be opened. */
  readonly rhoFor: (variant: VariantInfo) => number;
};

/** The held variant at another ρ or run another way, warm, until the first frame of its size makes it the lane. */
type Incoming = { readonly lane: Lane; readonly end: (serves: boolean) => void };

/**
 * INVARIANTS: `lane` is alive or undefined; while it is undefined and something is held, a revival is under way. `incoming` is there only
 * while `lane` is and no trial wants its place.
 */
export class Serving {
  private readonly options: ServingOptions;
  private held: Held | undefined;
  private lane: Lane | undefined;
  /** A trial answers frames. */
  private aside = false;
  /** A trial's lane that answers frames until the held one does again. */
  private outgoing: Lane | undefined;
  /** A trial is about to answer frames, does so, or has not made room again. */
  private givesWay = false;
  private incoming: Incoming | undefined;
  /** Ends the measurement that is under way. */
  private refining: AbortController | undefined;
  /** What waits for a revived lane to serve. */
  private afterRevival: () => void = () => undefined;
  private readonly stopping = new AbortController();
  private leaving: Promise<unknown> = Promise.resolve();

  constructor(options: ServingOptions) {
    this.options = options;
  }

  get variant(): VariantInfo | undefined {
    return this.held?.variant;
  }

  get current(): Held | undefined {
    return this.held;
  }

  /** At which of its ρ a variant is to be opened. */
  rhoFor(variant: VariantInfo): number {
    return this.options.rhoFor(variant);
  }

  /** Brings up the first variant. @throws AlpharhoError model_corrupt, model_not_variant, warmup_failed */
  async open(load: () => Promise<Uint8Array>): Promise<void> {
    const lane = await this.warm(load, this.stopping.signal);
    this.held = { variant: lane.variant, load };
    this.lane = lane;
    this.takeOver(() => undefined);
  }

  /** The trial's lane serves already and has proven itself: it is the held one now, and the one before ends. */
  commit(held: Held, lane: Lane): void {
    const before = this.lane;
    this.givesWay = false;
    this.held = held;
    this.lane = lane;
    this.aside = false;
    if (before !== undefined && before !== lane) this.retire(before);
  }

  /** A trial asks for the next frame: until it is kept or gone, ρ stays what it is. */
  giveWay(): void {
    this.givesWay = true;
    this.hush();
    this.callOff();
  }

  /** A trial answers frames. */
  stepAside(): void {
    this.aside = true;
  }

  /** Back into service after a trial that failed or was called off; `trial` ends once it is out of service. */
  comeBack(trial: Lane): void {
    this.aside = false;
    this.givesWay = false;
    this.outgoing = trial;
    this.takeOver(() => {
      this.outgoing = undefined;
      this.retire(trial);
    });
  }

  /** Nothing is under way that a change of ρ would disturb. */
  get isSteady(): boolean {
    return this.lane !== undefined && this.outgoing === undefined && this.incoming === undefined && !this.givesWay;
  }

  /**
   * The held variant at another of its ρ.
   * @returns whether it answers frames now
   * @throws AlpharhoError warmup_failed and what else opening a variant throws; the signal's reason at the end of the agent
   */
  async resize(rho: number): Promise<boolean> {
    this.hush();
    return this.change({ rho }, this.stopping.signal);
  }

  /**
   * The held variant as a measurement finds that it runs best. Whatever else is to happen goes first, and ends the measurement.
   * @returns whether it runs that way now
   * @throws AlpharhoError warmup_failed where it cannot be measured now, and what else opening a variant throws
   */
  async refine(): Promise<boolean> {
    const refining = new AbortController();
    this.refining = refining;
    try {
      return await this.change({ rho: this.lane?.format.rho, tune: 'must' }, AbortSignal.any([refining.signal, this.stopping.signal]));
    } catch (error) {
      if (refining.signal.aborted) return false;
      throw error;
    } finally {
      if (this.refining === refining) this.refining = undefined;
    }
  }

  /** Ends a measurement that would disturb what begins now. */
  hush(): void {
    this.refining?.abort();
  }

  /** A second classifier is warmed, and takes over at the first frame of its size. Until then, and without that, the one before answers. */
  private async change(how: WarmHow, signal: AbortSignal): Promise<boolean> {
    const { held, lane: before } = this;
    if (held === undefined || before === undefined || !this.isSteady) return false;
    const warming = this.warmNext(held, before, signal, how);
    this.leaving = Promise.all([this.leaving, warming.catch(() => undefined)]);
    const lane = await warming;
    if (lane === undefined) return false;
    return new Promise((resolve) => {
      this.incoming = { lane, end: resolve };
      const { loop, capture } = this.options;
      capture.want(lane.format);
      loop.switchTo(lane, () => {
        this.incoming = undefined;
        this.lane = lane;
        this.retire(before);
        resolve(true);
      });
    });
  }

  /** @returns undefined where it is not wanted any more once it is warm */
  private async warmNext(held: Held, before: Lane, signal: AbortSignal, how: WarmHow): Promise<Lane | undefined> {
    const lane = await this.warm(held.load, signal, how);
    const isWanted = held === this.held && before === this.lane && this.isSteady && !signal.aborted;
    if (isWanted && lane.variant.sha256 === held.variant.sha256) return lane;
    await lane.close();
    return undefined;
  }

  /** @returns false where the lane is not the held one's */
  laneFault(lane: Lane, error: AlpharhoError): boolean {
    if (lane === this.incoming?.lane) {
      this.options.log.warn(`the next classifier died before its first frame: ${error.message}`);
      this.callOff();
      return true;
    }
    if (lane !== this.lane) return false;
    this.hush();
    this.callOff();
    this.lane = undefined;
    this.options.onFault(error);
    this.leaving = Promise.all([this.leaving, lane.close(), this.revive(lane)]);
    return true;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.leaving;
    this.incoming?.end(false);
    await Promise.all([this.lane?.close(), this.outgoing?.close(), this.incoming?.lane.close()]);
  }

  /** Forgets a change that has not happened yet. */
  private callOff(): void {
    const { incoming, lane } = this;
    if (incoming === undefined) return;
    const { loop, capture } = this.options;
    this.incoming = undefined;
    loop.cancelSwitch(incoming.lane);
    if (lane !== undefined) capture.want(lane.format);
    this.leaving = Promise.all([this.leaving, incoming.lane.close()]);
    incoming.end(false);
  }

  /** Puts the lane into service, at the next frame of its format. Without a lane the revival does so when it is done. */
  private takeOver(done: () => void): void {
    const { loop, capture } = this.options;
    const { lane } = this;
    if (lane === undefined) {
      this.afterRevival = done;
      return;
    }
    capture.want(lane.format);
    if (loop.current === lane) done();
    else loop.switchTo(lane, done);
  }

  private retire(lane: Lane): void {
    const { loop, log } = this.options;
    const retired = loop.retire(lane).catch((error: unknown) => log.error(`a classifier did not end: ${String(error)}`));
    this.leaving = Promise.all([this.leaving, retired]);
  }

  private async revive(dead: Lane): Promise<void> {
    this.afterRevival = () => undefined;
    const { clock, random, log, onFault } = this.options;
    const { signal } = this.stopping;
    const { held } = this;
    for (let attempt = 1; held !== undefined && held === this.held; attempt += 1) {
      try {
        await delay(clock, backoffMs(revival, attempt, random), signal);
        const lane = await this.warm(held.load, signal);
        if (lane.variant.sha256 !== held.variant.sha256) {
          await lane.close();
          throw new AlpharhoError('digest_mismatch', `the file of variant ${held.variant.sha256.slice(0, 12)} is another one now`);
        }
        if (held !== this.held) {
          await lane.close();
          return;
        }
        this.lane = lane;
        onFault(undefined);
        this.resume(dead, lane);
        return;
      } catch (error) {
        if (signal.aborted) return;
        log.debug(`the classifier did not start: ${String(error)}`);
        if (isAlpharhoError(error)) onFault(error);
      }
    }
  }

  private resume(dead: Lane, lane: Lane): void {
    const { loop } = this.options;
    const done = this.afterRevival;
    if (loop.current === dead) {
      loop.substitute(dead, lane);
      done();
    } else if (!this.aside) {
      this.takeOver(done);
    }
  }

  private async warm(load: () => Promise<Uint8Array>, signal: AbortSignal, { rho, tune = 'later' }: WarmHow = {}): Promise<Lane> {
    const staged = await this.options.classifiers.open(await load(), signal);
    const { lane, warmupMs } = await staged.warm(signal, { rho: rho ?? this.options.rhoFor(staged.variant), tune });
    this.options.log.debug(`warm after ${warmupMs.toFixed(1)} ms`);
    return lane;
  }
}
