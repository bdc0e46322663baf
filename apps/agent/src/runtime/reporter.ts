/** @file Tells the hub what this device is: on change, after each connect, and about a download's progress at most once a second. */
import type { Reported, UpdateState, Variant, WireError } from '@alpharho/protocol';
import { isAlpharhoError, isResting } from '@alpharho/protocol';
import type { Cancel, Clock } from '../domain/clock.ts';
import type { ConditionKey, Fault } from '../domain/conditions.ts';
import { Conditions } from '../domain/conditions.ts';
import type { Quarantined } from '../domain/kept-state.ts';
import type { Link, Log } from '../domain/ports.ts';
import { buildReported, compareReports } from '../domain/report.ts';

const progressMs = 1000;

export type ReporterOptions = {
  readonly session: string;
  readonly link: Pick<Link, 'publish'>;
  readonly clock: Clock;
  readonly log: Log;
};

/** Nothing is reported before something serves: the message is about a variant. */
export class Reporter {
  private readonly options: ReporterOptions;
  private readonly conditions = new Conditions();
  private serving: { variant: Variant; since: number } | undefined;
  private inference: Reported['inference'];
  private update: { state: UpdateState; since: number } | undefined;
  private governor: Reported['governor'];
  private shadow: Reported['shadow'];
  private held = false;
  private keysVersion: number | undefined;
  private quarantine: readonly Quarantined[] | undefined;
  private last: Reported | undefined;
  private isUp = false;
  private cancelProgress: Cancel | undefined;

  constructor(options: ReporterOptions) {
    this.options = options;
  }

  up(): void {
    this.isUp = true;
    this.last = undefined;
    this.report();
  }

  down(): void {
    this.isUp = false;
    this.stop();
  }

  stop(): void {
    this.cancelProgress?.();
    this.cancelProgress = undefined;
  }

  serves(variant: Variant, inference: NonNullable<Reported['inference']>): void {
    if (this.serving?.variant.sha256 !== variant.sha256) this.serving = { variant, since: this.options.clock.now() };
    this.inference = inference;
    this.report();
  }

  governs(state: NonNullable<Reported['governor']>): void {
    this.governor = state;
    this.report();
  }

  /** What shadowing has found so far. */
  shadows(figures: NonNullable<Reported['shadow']>): void {
    this.shadow = figures;
    this.report();
  }

  updates(state: UpdateState): void {
    const since = this.update?.state.phase === state.phase ? this.update.since : this.options.clock.now();
    this.update = { state, since };
    const error = state.outcome?.error;
    // A failed update's cause stays on the device's page until a new try begins to succeed or fail by its own.
    if (error === undefined) this.clear('update');
    else if (isResting(state.phase)) this.raise('update', error);
    this.report();
  }

  /** The update waits in `staged`, or does not any more. */
  holds(held: boolean): void {
    this.held = held;
    this.report();
  }

  /** Which key set counts. */
  trusts(version: number): void {
    this.keysVersion = version;
    this.report();
  }

  /** Variants that are not tried here again, the latest first. */
  quarantines(entries: readonly Quarantined[] | undefined): void {
    this.quarantine = entries;
    this.report();
  }

  /** What is wrong with this part now. */
  fault(key: ConditionKey): WireError | undefined {
    return this.conditions.of(key);
  }

  /** @returns true where the fault is news */
  raise(key: ConditionKey, fault: Fault): boolean {
    const news = this.conditions.raise(key, fault, this.options.clock.now());
    if (news) this.report();
    return news;
  }

  /** @returns true where there was such a fault */
  clear(key: ConditionKey): boolean {
    const cleared = this.conditions.clear(key);
    if (cleared) this.report();
    return cleared;
  }

  /** What is wrong just now, by part. */
  get faults(): ReadonlyMap<ConditionKey, WireError> {
    return this.conditions.all;
  }

  /** How the serving variant runs, and where the governor stands. */
  get how(): Pick<Reported, 'inference' | 'governor'> {
    return {
      ...(this.inference !== undefined && { inference: this.inference }),
      ...(this.governor !== undefined && { governor: this.governor }),
    };
  }

  /** Where the latest update stands; undefined before the start. */
  get updateState(): UpdateState | undefined {
    return this.update?.state;
  }

  private report(): void {
    const { serving, update } = this;
    if (!this.isUp || serving === undefined || update === undefined) return;
    const { session, clock } = this.options;
    const facts = {
      session,
      serving: serving.variant,
      servingSince: serving.since,
      update: update.state,
      phaseSince: update.since,
      lastError: this.conditions.latest,
      inference: this.inference,
      governor: this.governor,
      shadow: this.shadow,
      held: this.held,
      keysVersion: this.keysVersion,
      quarantine: this.quarantine,
    };
    const reported = buildReported(facts, clock.now());
    const change = compareReports(this.last, reported);
    if (change === 'state') this.send(reported);
    else if (change === 'progress') this.cancelProgress ??= clock.after(progressMs, () => this.sendLate());
  }

  private sendLate(): void {
    this.cancelProgress = undefined;
    this.last = undefined;
    this.report();
  }

  private send(reported: Reported): void {
    this.stop();
    this.last = reported;
    // A lost connection brings a new one, and with it a new report.
    this.options.link.publish('reported', reported).catch((error: unknown) => {
      if (this.last === reported) this.last = undefined;
      if (!isAlpharhoError(error, 'broker_unreachable')) this.options.log.error(`this device's state cannot be reported: ${String(error)}`);
    });
  }
}
