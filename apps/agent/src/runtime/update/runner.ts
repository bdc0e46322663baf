/** @file Makes the device what the hub wants it to be: walks the update machine, one step at a time, one update at a time. */
import {
  AlpharhoError,
  type Desired,
  isAlpharhoError,
  isResting,
  reduce,
  type Sha256,
  type UpdateEvent,
  type UpdateState,
} from '@alpharho/protocol';
import { type BackoffPolicy, backoffMs } from '../../domain/backoff.ts';
import type { Cancel, Clock } from '../../domain/clock.ts';
import type { Fault } from '../../domain/conditions.ts';
import { keep } from '../../domain/kept-state.ts';
import type { Lane } from '../../domain/ports.ts';
import { decide, failureCode, updatePolicy } from '../../domain/reconcile.ts';
import { writeCommit } from './commit.ts';
import { Run, type RunOptions, type WorkingPhase } from './run.ts';

const retries: BackoffPolicy = { baseMs: 5_000, maxMs: 300_000 };

export type UpdateRunnerOptions = RunOptions & {
  readonly clock: Clock;
  readonly random: () => number;
  readonly onState: (state: UpdateState) => void;
  /** A desired state cannot be followed (undefined: the latest one can). */
  readonly onDesired: (fault: Fault | undefined) => void;
};

/**
 * INVARIANTS: at most one run lives; a newer desired state aborts it and begins only after it has cleaned up, which takes no
 * longer than the step in work needs to hear its signal; the machine's state changes in `dispatch` alone, and never through
 * a run that was aborted.
 */
export class UpdateRunner {
  private readonly options: UpdateRunnerOptions;
  private state: UpdateState;
  private desired: Desired | undefined;
  private run: { readonly abort: AbortController; readonly work: Run } | undefined;
  private idle: Promise<void> = Promise.resolve();
  /** How often an update was begun: one that has to wait for another's end lets a later one pass. */
  private begun = 0;
  private failures = 0;
  private cancelRetry: Cancel | undefined;
  private stopped = false;

  constructor(options: UpdateRunnerOptions, state: UpdateState) {
    this.options = options;
    this.state = state;
  }

  want(desired: Desired): void {
    if (this.stopped) return;
    const decision = decide(this.state, desired);
    if (decision.kind === 'stale') {
      const message = `desired state ${desired.revision} is older than ${this.state.revision}, which was seen already: it is ignored`;
      this.options.log.warn(message);
      this.options.onDesired({ code: 'desired_stale', message });
      return;
    }
    this.options.onDesired(undefined);
    if (decision.kind === 'known') return;
    this.desired = desired;
    if (decision.kind === 'adopted') {
      this.enter(decision.state);
      return;
    }
    this.failures = 0;
    this.replace(desired, decision.state);
  }

  /** @returns false where the lane is not the one on trial */
  laneFault(lane: Lane, error: AlpharhoError): boolean {
    return this.run?.work.laneFault(lane, error) ?? false;
  }

  /** One more answer of the variant that serves. */
  answered(sha256: Sha256): void {
    this.run?.work.answered(sha256);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.cancelRetry?.();
    this.run?.abort.abort(new Error('the agent stops'));
    await this.idle;
  }

  /** Cancels what runs, and goes on with `state` once it has cleaned up. */
  private replace(desired: Desired, state: UpdateState): void {
    this.cancelRetry?.();
    const before = this.run;
    before?.abort.abort(new Error('a newer desired state came'));
    this.run = undefined;
    this.enter(state);
    this.begun += 1;
    const turn = this.begun;
    this.idle = this.idle.then(() => (this.begun === turn && !this.stopped ? this.pursue(desired) : undefined));
  }

  private async pursue(desired: Desired): Promise<void> {
    const { keeper, log } = this.options;
    if (isResting(this.state.phase)) {
      await this.settle(desired, this.state);
      return;
    }
    log.info(`desired state ${desired.revision}: variant ${desired.variant.sha256.slice(0, 12)}`);
    const abort = new AbortController();
    const work = new Run(this.options, desired);
    const run = { abort, work };
    this.run = run;
    let end: UpdateState | undefined;
    try {
      end = await this.walk(work, abort.signal);
    } finally {
      work.end();
      if (this.run === run) this.run = undefined;
      // It ended, and the process lived.
      await keeper.update(({ trying: _, ...kept }) => kept);
    }
    if (end !== undefined) await this.settle(desired, end);
  }

  /** Step after step until nothing is left to do. @returns how it ended; undefined where the signal called it off before */
  private async walk(work: Run, signal: AbortSignal): Promise<UpdateState | undefined> {
    while (!isResting(this.state.phase) && !signal.aborted) {
      const phase = this.state.phase as WorkingPhase;
      let event: UpdateEvent;
      try {
        event = await work.step(phase, signal, (percent) => {
          if (!signal.aborted) this.dispatch({ type: 'progress', percent });
        });
      } catch (error) {
        event = failure(error);
      }
      if (signal.aborted) return undefined;
      this.dispatch(event);
      if (this.state.phase === 'committed') work.keep();
    }
    return signal.aborted ? undefined : this.state;
  }

  /**
   * Writes down how it ended, and sets the clock for another try where one may help.
   * @param end may lie behind by now: while the disk is slow, a newer desired state comes
   */
  private async settle(desired: Desired, end: UpdateState): Promise<void> {
    const { keeper, log } = this.options;
    const { phase, outcome } = end;
    if (phase === 'committed') {
      await writeCommit(this.options, desired);
      log.info(`variant ${desired.variant.sha256.slice(0, 12)} is committed`);
    } else {
      log.error(
        `variant ${desired.variant.sha256.slice(0, 12)} ${phase === 'rolled_back' ? 'was rolled back' : 'was not taken'}: ${outcome?.error?.message}`,
      );
      await keeper.update((kept) => keep(kept, this.state));
    }
    if (outcome?.code !== 'failed_no_change' || this.state !== end || this.stopped) return;
    this.failures += 1;
    const { clock, random } = this.options;
    const wait = backoffMs(retries, this.failures, random);
    log.info(`it is tried again in ${Math.round(wait / 1000)} s`);
    this.cancelRetry = clock.after(wait, () => this.retry(desired));
  }

  private retry(desired: Desired): void {
    if (this.desired?.variant.sha256 !== desired.variant.sha256 || this.stopped) return;
    this.replace(this.desired, reduce(this.state, { type: 'retry' }, updatePolicy));
  }

  private dispatch(event: UpdateEvent): void {
    const next = reduce(this.state, event, updatePolicy);
    if (next !== this.state) this.enter(next);
  }

  private enter(state: UpdateState): void {
    const news = state.revision !== this.state.revision || state.target !== this.state.target;
    this.state = state;
    this.options.onState(state);
    if (news) void this.options.keeper.update((kept) => keep(kept, state));
  }
}

function failure(error: unknown): UpdateEvent {
  const known = isAlpharhoError(error) ? error : new AlpharhoError('internal', String(error), { cause: error });
  return { type: 'failed', code: failureCode(known.code), error: { code: known.code, message: known.message } };
}
