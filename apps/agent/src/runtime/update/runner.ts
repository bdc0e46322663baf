/** @file Makes the device what the hub wants it to be: walks the update machine, one step at a time, one update at a time. */
import {
  AlpharhoError,
  type ErrorCode,
  isAlpharhoError,
  isProven,
  isResting,
  reduce,
  type UpdateError,
  type UpdateEvent,
  type UpdatePhase,
  type UpdateState,
  updatePolicyOf,
} from '@alpharho/protocol';
import { type BackoffPolicy, backoffMs } from '../../domain/backoff.ts';
import type { Cancel, Clock } from '../../domain/clock.ts';
import type { Wanted } from '../../domain/desired-door.ts';
import type { FrameResult } from '../../domain/frames.ts';
import { deathsOf, keep, maxDeaths, pardon, quarantine, quarantineOf, withoutTrial } from '../../domain/kept-state.ts';
import type { Lane } from '../../domain/ports.ts';
import { decide, failureCode, isHang, isQuarantined, limitOf, overdue } from '../../domain/reconcile.ts';
import { writeCommit } from './commit.ts';
import { HoldGate } from './hold-gate.ts';
import { Run, type RunOptions, type WorkingPhase } from './run.ts';
import { StepWatch } from './step-watch.ts';

const retries: BackoffPolicy = { baseMs: 5_000, maxMs: 300_000 };

export type UpdateRunnerOptions = RunOptions & {
  readonly clock: Clock;
  readonly random: () => number;
  readonly onState: (state: UpdateState) => void;
  /** The update waits in `staged`, or does not any more. */
  readonly onHeld: (held: boolean) => void;
  /** A variant is quarantined from now on, or pardoned. */
  readonly onQuarantine: (change: QuarantineChange) => void;
};

export type QuarantineChange = { readonly sha256: string; readonly revision: number; readonly code?: ErrorCode };

type Current = { readonly abort: AbortController; readonly work: Run };

/**
 * INVARIANTS: at most one run lives; a newer desired state aborts it and begins only after it has cleaned up, or has not done so in the
 * time that StepWatch allows; the machine's state changes in `dispatch` alone, and never through a run that was aborted.
 */
export class UpdateRunner {
  private readonly options: UpdateRunnerOptions;
  private readonly gate: HoldGate;
  private state: UpdateState;
  private wanted: Wanted | undefined;
  private run: Current | undefined;
  private idle: Promise<void> = Promise.resolve();
  /** How often an update was begun: one that has to wait for another's end lets a later one pass. */
  private begun = 0;
  private failures = 0;
  private cancelRetry: Cancel | undefined;
  private stopped = false;

  constructor(options: UpdateRunnerOptions, state: UpdateState) {
    this.options = options;
    this.gate = new HoldGate(options.onHeld);
    this.state = state;
  }

  /** @returns why it is not followed; undefined where it is */
  want(wanted: Wanted): AlpharhoError | undefined {
    if (this.stopped) return undefined;
    const { keeper } = this.options;
    const { sha256 } = wanted.manifest.variant;
    const pardons = wanted.pardon && wanted.revision > this.state.revision;
    const refused = pardons ? undefined : quarantineOf(keeper.state, sha256);
    const decision = decide(this.state, wanted, keeper.state.seen?.issuedAt, refused);
    if (decision.kind === 'stale') return new AlpharhoError('desired_stale', decision.why);
    const { issuedAt, expiresAt } = wanted;
    void keeper.update((kept) => ({ ...kept, seen: { issuedAt: Math.max(issuedAt, kept.seen?.issuedAt ?? 0), expiresAt } }));
    if (pardons) this.pardon(wanted);
    this.wanted = wanted;
    this.gate.set(wanted.hold);
    if (decision.kind === 'known') return undefined;
    if (decision.kind === 'adopted') this.enter(decision.state);
    else this.replace(wanted, decision.state);
    return undefined;
  }

  /** @returns false where the lane is not the one on trial */
  laneFault(lane: Lane, error: AlpharhoError): boolean {
    return this.run?.work.laneFault(lane, error) ?? false;
  }

  /** One more answer of what serves. */
  answered(result: FrameResult): void {
    this.run?.work.answered(result);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.cancelRetry?.();
    this.run?.abort.abort(new Error('the agent stops'));
    await this.idle;
  }

  /** Cancels what runs, and goes on with `state` once it has cleaned up. */
  private replace(wanted: Wanted, state: UpdateState): void {
    if (state.revision !== this.state.revision) this.failures = 0;
    this.cancelRetry?.();
    const before = this.run;
    before?.abort.abort(new Error('a newer desired state came'));
    this.run = undefined;
    this.enter(state);
    this.begun += 1;
    const turn = this.begun;
    this.idle = this.idle.then(() => (this.begun === turn && !this.stopped ? this.pursue(wanted) : undefined));
  }

  private async pursue(wanted: Wanted): Promise<void> {
    const { keeper, log } = this.options;
    if (isResting(this.state.phase)) {
      await this.settle(wanted, this.state);
      return;
    }
    log.info(`desired state ${wanted.revision}: variant ${wanted.manifest.variant.sha256.slice(0, 12)}`);
    const run: Current = { abort: new AbortController(), work: new Run(this.options, wanted) };
    this.run = run;
    const end = await this.walk(wanted, run);
    run.work.end();
    if (this.run === run) this.run = undefined;
    if (end !== undefined) await this.settle(wanted, end);
    else await keeper.update(withoutTrial);
  }

  /** Step after step until nothing is left to do. @returns how it ended; undefined where it was called off before */
  private async walk(wanted: Wanted, { work, abort: { signal } }: Current): Promise<UpdateState | undefined> {
    const watch = new StepWatch(this.options.clock, signal);
    while (!isResting(this.state.phase) && !signal.aborted) {
      const phase = this.state.phase as WorkingPhase;
      let event: UpdateEvent;
      try {
        event = await this.step(phase, wanted, work, watch, signal);
      } catch (error) {
        event = this.failure(phase, error, wanted);
      }
      if (signal.aborted) break;
      this.dispatch(event, wanted);
      if (this.state.phase === 'committed') work.keep();
    }
    watch.end();
    return signal.aborted ? undefined : this.state;
  }

  private async step(phase: WorkingPhase, wanted: Wanted, work: Run, watch: StepWatch, outer: AbortSignal): Promise<UpdateEvent> {
    if (phase === 'staged' && this.gate.isClosed) {
      watch.end();
      work.rest();
      await this.gate.opened(outer);
    }
    const ms = limitOf(phase, wanted.policy);
    watch.enter(phase, ms, () => overdue(phase, ms, isProven(this.state, updatePolicyOf(wanted.policy))));
    const { signal } = watch;
    const progress = (percent: number): void => {
      if (signal.aborted) return;
      watch.extend();
      this.dispatch({ type: 'progress', percent }, wanted);
    };
    return watch.over(work.step(phase, signal, progress), signal);
  }

  private failure(phase: UpdatePhase, error: unknown, wanted: Wanted): UpdateEvent {
    const { code, message } = isAlpharhoError(error) ? error : new AlpharhoError('internal', String(error), { cause: error });
    if (phase === 'probation') return { type: this.canRevert ? 'reverted' : 'revert_failed', error: { code, message } };
    if (isHang(phase, code)) return this.hang({ code, message }, wanted);
    return { type: 'failed', code: failureCode(code), error: { code, message } };
  }

  /** A variant that hangs is given up like one that kills the process. */
  private hang(error: UpdateError, { manifest }: Wanted): UpdateEvent {
    const { keeper } = this.options;
    const { sha256 } = manifest.variant;
    const deaths = deathsOf(keeper.state, sha256) + 1;
    void keeper.update((kept) => ({ ...kept, trying: { sha256, deaths, over: true } }));
    if (deaths < maxDeaths) return { type: 'failed', code: 'failed_no_change', error };
    const message = `variant ${sha256.slice(0, 12)} hung, or ended the agent, ${deaths} times: it is not tried again`;
    return { type: 'failed', code: 'refused', error: { code: 'warmup_failed', message } };
  }

  private get canRevert(): boolean {
    return this.options.serving.current !== undefined;
  }

  /**
   * Writes down how it ended, and sets the clock for another try where one may help.
   * @param end may lie behind by now: while the disk is slow, a newer desired state comes
   */
  private async settle(wanted: Wanted, end: UpdateState): Promise<void> {
    const { log } = this.options;
    const { phase, outcome } = end;
    const { sha256 } = wanted.manifest.variant;
    if (phase === 'committed') {
      await writeCommit(this.options, wanted);
      log.info(`variant ${sha256.slice(0, 12)} is committed`);
    } else {
      const words = phase === 'rolled_back' ? 'was rolled back' : 'was not taken';
      log.error(`variant ${sha256.slice(0, 12)} ${words}: ${outcome?.error?.message}`);
      await this.conclude(wanted, outcome?.error?.code ?? 'internal');
    }
    if (outcome?.code !== 'failed_no_change' || this.state !== end || this.stopped) return;
    this.failures += 1;
    const { clock, random } = this.options;
    const wait = backoffMs(retries, this.failures, random);
    log.info(`it is tried again in ${Math.round(wait / 1000)} s`);
    this.cancelRetry = clock.after(wait, () => this.retry(wanted));
  }

  /** In one write: how it ended, that the process lived, and whether the variant may be tried again. */
  private async conclude({ manifest, revision }: Wanted, code: ErrorCode): Promise<void> {
    const { keeper, clock, onQuarantine } = this.options;
    const { sha256 } = manifest.variant;
    const isFinal = isQuarantined(code);
    const written = keeper.update((kept) => {
      const concluded = keep(withoutTrial(kept), this.state);
      return isFinal ? quarantine(concluded, { sha256, code, at: clock.now() }) : concluded;
    });
    if (isFinal) onQuarantine({ sha256, revision, code });
    await written;
  }

  private pardon({ manifest, revision }: Wanted): void {
    const { keeper, onQuarantine } = this.options;
    const { sha256 } = manifest.variant;
    if (quarantineOf(keeper.state, sha256) === undefined) return;
    void keeper.update((kept) => pardon(kept, sha256));
    onQuarantine({ sha256, revision });
  }

  private retry({ manifest }: Wanted): void {
    const { wanted, state } = this;
    if (wanted?.manifest.variant.sha256 !== manifest.variant.sha256 || this.stopped) return;
    this.replace(wanted, reduce(state, { type: 'retry' }, updatePolicyOf(wanted.policy)));
  }

  private dispatch(event: UpdateEvent, { policy }: Wanted): void {
    const next = reduce(this.state, event, updatePolicyOf(policy));
    if (next !== this.state) this.enter(next);
  }

  private enter(state: UpdateState): void {
    const news = state.revision !== this.state.revision || state.target !== this.state.target;
    this.state = state;
    this.options.onState(state);
    if (news) void this.options.keeper.update((kept) => keep(kept, state));
  }
}
