/**
 * @file Governs the frame path: looks at the latest results twice a second, and carries out what the judgement in domain/governor.ts says:
 * another ρ by a second classifier that takes over between two frames, another rate by letting fewer frames through.
 */
import type { VariantInfo } from '@alpharho/mobilenet-core';
import type { Reported } from '@alpharho/protocol';
import { type BackoffPolicy, backoffMs } from '../domain/backoff.ts';
import { type Cancel, type Clock, every } from '../domain/clock.ts';
import type { Emit } from '../domain/events.ts';
import type { FrameResult } from '../domain/frames.ts';
import { type Budget, beginGoverning, type GovernorState, govern, type Observation, pressureOf, type Step } from '../domain/governor.ts';
import { type Allowed, idleSettings, ladderOf, type Rung, rungName } from '../domain/ladder.ts';
import type { Lane, Log } from '../domain/ports.ts';
import { RecentFigures } from '../domain/recent-figures.ts';

const lookMs = 500;
/** After a change of ρ that did not come about. */
const retries: BackoffPolicy = { baseMs: 5_000, maxMs: 300_000 };

export type GovernorSettings = { readonly budget: Budget; readonly allowed: Allowed };

export const ungoverned: GovernorSettings = { budget: {}, allowed: {} };

export type GovernorOptions = {
  readonly settings: GovernorSettings;
  /** The held variant at another ρ. @returns whether it answers frames now */
  readonly resize: (rho: number) => Promise<boolean>;
  readonly isSteady: () => boolean;
  readonly pace: (rate: number | undefined) => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly emit: Emit;
  readonly onState: (state: NonNullable<Reported['governor']>) => void;
};

type MachineFacts = Pick<Observation, 'temperature' | 'throttled'>;
type Governed = { readonly variant: VariantInfo; readonly ladder: readonly Rung[] };

/** INVARIANT: `state.rung` is what holds, or, while a step is under way, what will; nothing is decided meanwhile. */
export class Governor {
  private readonly options: GovernorOptions;
  private readonly figures: RecentFigures;
  private readonly isSet: boolean;
  private governed: Governed | undefined;
  /** Of the lane that serves. */
  private rho: number | undefined;
  private state: GovernorState;
  private reason: string | undefined;
  private facts: MachineFacts = {};
  private isStepping = false;
  private helpless = false;
  private misses = 0;
  private notBefore = 0;
  private cancelTimer: Cancel | undefined;
  private stopped = false;

  constructor(options: GovernorOptions) {
    const { clock, settings } = options;
    this.options = options;
    this.figures = new RecentFigures(clock.monotonic());
    this.state = beginGoverning(clock.monotonic());
    this.isSet = [...Object.values(settings.budget), ...Object.values(settings.allowed)].some((value) => value !== undefined);
  }

  start(): void {
    if (this.isSet) this.cancelTimer = every(this.options.clock, lookMs, () => this.look());
  }

  stop(): void {
    this.stopped = true;
    this.cancelTimer?.();
  }

  /** At which ρ a variant is to be opened: the step that holds, or the highest one of a variant that does not serve yet. */
  rhoFor(variant: VariantInfo): number {
    const known = this.governed?.variant.sha256 === variant.sha256 ? this.governed : undefined;
    const rung = known?.ladder[this.state.rung] ?? ladderOf(variant, this.options.settings.allowed)[0];
    return rung?.rho ?? variant.rho;
  }

  /** Frames a second that are let through. */
  get rate(): number | undefined {
    return this.governed?.ladder[this.state.rung]?.rate;
  }

  /** The lane answers frames from now on. Another variant begins at its highest step. */
  serves(lane: Lane): void {
    if (!this.isSet) return;
    this.rho = lane.format.rho;
    if (this.governed?.variant.sha256 === lane.variant.sha256) {
      if (!this.isStepping) this.follow(this.governed);
      return;
    }
    const { settings, clock, log } = this.options;
    const ladder = ladderOf(lane.variant, settings.allowed);
    this.governed = { variant: lane.variant, ladder };
    const rung = ladder.findIndex(({ rho }) => rho === lane.format.rho);
    this.state = beginGoverning(clock.monotonic(), Math.max(rung, 0));
    this.helpless = false;
    this.misses = 0;
    this.notBefore = 0;
    const hasBudget = Object.values(settings.budget).some((value) => value !== undefined);
    for (const idle of idleSettings(lane.variant, settings.allowed, hasBudget)) log.warn(`the governor: ${idle}`);
    this.settle(undefined);
  }

  /** The camera gave a frame, wanted or not. */
  arrived(): void {
    if (this.isSet) this.figures.arrived(this.options.clock.monotonic());
  }

  classified({ ms, stages, rho, variant }: FrameResult): void {
    if (!this.isSet || variant !== this.governed?.variant.sha256 || this.isStepping) return;
    // What the classifier before had still in work says nothing of this step.
    if (rho !== undefined && rho !== this.governed.ladder[this.state.rung]?.rho) return;
    this.figures.answered(this.options.clock.monotonic(), ms, stages.preprocess + stages.inference + stages.postprocess);
  }

  machine(facts: MachineFacts): void {
    this.facts = facts;
  }

  private look(): void {
    const { clock, settings, isSteady } = this.options;
    const at = clock.monotonic();
    const { governed } = this;
    if (governed === undefined || this.isStepping || at < this.notBefore || !isSteady()) return;
    const figures = this.figures.look(at);
    if (figures === undefined) return;
    const { temperature, throttled } = this.facts;
    const seen: Observation = { ...figures, at, temperature, throttled };
    const before = this.state;
    const { state, step } = govern(before, seen, governed.ladder, settings.budget);
    this.state = state;
    if (step === undefined) this.tellHelplessness(seen, governed.ladder);
    else void this.take(step, before, governed);
  }

  /** @param before the state to go back to where the step does not come about */
  private async take(step: Step, before: GovernorState, governed: Governed): Promise<void> {
    const { log } = this.options;
    const [from, to] = [governed.ladder[step.from], governed.ladder[step.to]];
    this.isStepping = true;
    try {
      const serves = from?.rho === to?.rho || (await this.options.resize(to?.rho ?? 0));
      // Another variant has come meanwhile; it has a ladder of its own.
      if (governed !== this.governed) return;
      if (serves) this.taken(step, governed);
      else this.missed(before);
    } catch (error) {
      if (this.governed === governed) this.missed(before);
      // The end of the agent ends what is under way.
      if (!this.stopped)
        log.warn(`the governor: the step to ${rungName(to)} did not come about: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      this.isStepping = false;
      if (governed === this.governed) this.follow(governed);
    }
  }

  /** A classifier that died during a step came back at the ρ of that step, and the step did not come about: what serves is what holds. */
  private follow({ ladder }: Governed): void {
    const rung = ladder.findIndex(({ rho }) => rho === this.rho);
    if (rung < 0 || ladder[this.state.rung]?.rho === this.rho) return;
    this.state = { ...this.state, rung };
    this.settle(this.reason);
  }

  private taken(step: Step, { variant, ladder }: Governed): void {
    const [from, to] = [ladder[step.from], ladder[step.to]];
    const { emit } = this.options;
    this.misses = 0;
    this.helpless = false;
    this.settle(step.to === 0 ? undefined : step.reason === 'room' ? (this.reason ?? step.message) : step.message);
    emit({
      id: 'governor.step',
      level: 'info',
      message: step.message,
      variant: variant.sha256,
      detail: {
        from: rungName(from),
        to: rungName(to),
        reason: step.reason,
        step: step.to,
        predictedP95: Number(step.predicted.toFixed(2)),
      },
    });
  }

  private missed(before: GovernorState): void {
    const { clock, random } = this.options;
    this.misses += 1;
    this.state = { ...before, pressedSince: undefined, room: undefined };
    this.notBefore = clock.monotonic() + backoffMs(retries, this.misses, random);
  }

  /** The step that `state` names holds from now on. */
  private settle(reason: string | undefined): void {
    const { clock, pace, onState } = this.options;
    const { ladder } = this.governed as Governed;
    const at = clock.monotonic();
    this.figures.restart(at);
    this.state = { ...this.state, since: at };
    this.reason = reason;
    pace(this.rate);
    const { rho = 0, rate } = ladder[this.state.rung] ?? {};
    onState({
      rho,
      ...(rate !== undefined && { rate }),
      step: this.state.rung,
      of: ladder.length,
      ...(reason !== undefined && { reason: reason.slice(0, 500) }),
      since: clock.now(),
    });
  }

  /** Said once, until it is relieved: there is no step left that could hold the limits. */
  private tellHelplessness(seen: Observation, ladder: readonly Rung[]): void {
    const { settings, log } = this.options;
    const pressure = pressureOf(seen, settings.budget);
    const pressed = pressure !== undefined && this.state.rung === ladder.length - 1 && this.state.pressedSince !== undefined;
    if (!pressed) this.helpless = this.helpless && pressure !== undefined;
    else if (!this.helpless && ladder.length > 1 && seen.at - (this.state.pressedSince ?? seen.at) >= 10_000) {
      this.helpless = true;
      log.warn(`the governor: the lowest step that is allowed, ${rungName(ladder.at(-1))}, does not hold the limits (${pressure})`);
    }
  }
}
