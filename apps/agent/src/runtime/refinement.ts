/**
 * @file Measures a variant that came up unmeasured, while it serves: at the start and after a fault frames are answered at once, and the
 * better way to run takes over between two of them.
 */
import { type BackoffPolicy, backoffMs } from '../domain/backoff.ts';
import type { Cancel, Clock } from '../domain/clock.ts';
import type { InferenceReport, Lane, Log, SystemFacts } from '../domain/ports.ts';

/** A start has work of its own for so long, which would spoil the figures. */
const firstMs = 5000;
/** After a measurement that could not be made. */
const retries: BackoffPolicy = { baseMs: 60_000, maxMs: 3_600_000 };
/** Two lanes stand for a moment, and the measurement beside them. */
const lanesRoom = 2;

const megabyte = 1e6;

export type RefinementOptions = {
  /** The held variant, measured. @returns whether it runs that way now. @throws where it cannot be measured */
  readonly refine: () => Promise<boolean>;
  readonly isSteady: () => boolean;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** Why the lane in service runs unmeasured for now; told once for each lane. */
  readonly onPutOff: (lane: Lane, inference: InferenceReport) => void;
};

/** INVARIANT: at most one attempt is due or under way for the lane that serves. */
export class Refinement {
  private readonly options: RefinementOptions;
  private lane: Lane | undefined;
  private memory: number | undefined;
  private isTold = false;
  private misses = 0;
  private cancelTimer: Cancel | undefined;

  constructor(options: RefinementOptions) {
    this.options = options;
  }

  /** The lane answers frames from now on. */
  serves(lane: Lane): void {
    this.stop();
    this.lane = lane;
    this.isTold = false;
    this.misses = 0;
    if (lane.isTunable) this.schedule(lane, firstMs);
  }

  machine({ memoryAvailableBytes }: Pick<SystemFacts, 'memoryAvailableBytes'>): void {
    this.memory = memoryAvailableBytes;
  }

  stop(): void {
    this.cancelTimer?.();
    this.lane = undefined;
  }

  private schedule(lane: Lane, ms: number): void {
    this.cancelTimer = this.options.clock.after(ms, () => void this.attempt(lane));
  }

  private async attempt(lane: Lane): Promise<void> {
    const { refine, isSteady, log } = this.options;
    try {
      this.checkMemory(lane);
      if (isSteady() && (await refine())) return;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log.debug(`the variant is not measured now: ${why}`);
      if (this.lane === lane) this.putOff(lane, why);
    }
    if (this.lane !== lane) return;
    this.misses += 1;
    this.schedule(lane, backoffMs(retries, this.misses, this.options.random));
  }

  /** @throws where two lanes may be more than the board can bear. A machine that does not tell is trusted */
  private checkMemory({ tookBytes }: Lane): void {
    const wanted = lanesRoom * tookBytes;
    if (this.memory === undefined || this.memory >= wanted) return;
    const [free, need] = [this.memory, wanted].map((bytes) => `${Math.round(bytes / megabyte)} MB`);
    throw new Error(`not tuned: ${free} of memory are available, and a second classifier for a moment wants ${need}`);
  }

  private putOff(lane: Lane, why: string): void {
    if (this.isTold) return;
    this.isTold = true;
    // Why it was not measured when it was opened is no news any more.
    const earlier = (lane.inference.reason ?? '').replace(/(^|; )not tuned: .*$/, '');
    const reason = [...(earlier === '' ? [] : [earlier]), `${why}; it is tried again later`];
    this.options.onPutOff(lane, { ...lane.inference, reason: reason.join('; ').slice(0, 500) });
  }
}
