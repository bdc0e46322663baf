/**
 * @file Which results leave the device, and when another label holds.
 *
 * A result is *sure* where its first class is as probable as the thresholds want. One that is not counts as nothing, whatever
 * the policy: it does not leave, begins no label, ends none that holds, and breaks a run that is not complete.
 */
import type { FrameResult } from './frames.ts';
import { isSure, type Thresholds } from './thresholds.ts';

/**
 * `every`: each sure result. `change`: where a label holds that did not before, the first result of its run. `interval`: the
 * first sure result of each interval.
 */
export const publishModes = ['every', 'change', 'interval'] as const;
export type PublishMode = (typeof publishModes)[number];

export type PublishSettings = {
  readonly mode: PublishMode;
  /** A label holds after this many sure results of it in a row. */
  readonly changeCount: number;
  readonly intervalMs: number;
  readonly thresholds: Thresholds;
};

/** Another label holds. */
export type Change = {
  /** The first of the run. */
  readonly result: FrameResult;
  /** The label that held before; undefined at the first. */
  readonly replaced: string | undefined;
};

export type Verdict = {
  /** The one that leaves now: this result, or the earlier one that began its run. */
  readonly publish: FrameResult | undefined;
  readonly change: Change | undefined;
};

/**
 * INVARIANTS: each result leaves at most once, in the order of capture; at most one leaves for each that is offered, so a
 * window never publishes more than it classified; two changes that follow each other are of different labels.
 */
export class PublishPolicy {
  private readonly settings: PublishSettings;
  private held: string | undefined;
  private run: { readonly first: FrameResult; length: number } | undefined;
  /** When the next interval begins. */
  private due = Number.NEGATIVE_INFINITY;

  constructor(settings: PublishSettings) {
    this.settings = settings;
  }

  /** The frame that may yet be published as the first of its run. */
  get pendingFrame(): number | undefined {
    return this.run?.first.frame;
  }

  /** @param now milliseconds that never jump */
  offer(result: FrameResult, now: number): Verdict {
    const { mode, thresholds } = this.settings;
    const [best] = result.top;
    if (best === undefined || !isSure(thresholds, best)) {
      this.run = undefined;
      return { publish: undefined, change: undefined };
    }
    const change = this.follow(result, best.label);
    if (mode === 'change') return { publish: change?.result, change };
    return { publish: mode === 'every' || this.isDue(now) ? result : undefined, change };
  }

  private follow(result: FrameResult, label: string): Change | undefined {
    if (label === this.held) {
      this.run = undefined;
      return undefined;
    }
    const { run } = this;
    // Labels of two variants are not one run, whatever they are called.
    const goesOn = run !== undefined && run.first.top[0]?.label === label && run.first.variant === result.variant;
    const current = goesOn ? run : { first: result, length: 0 };
    current.length += 1;
    this.run = current;
    if (current.length < this.settings.changeCount) return undefined;
    const replaced = this.held;
    this.held = label;
    this.run = undefined;
    return { result: current.first, replaced };
  }

  /** Intervals follow each other without drift; after a pause they begin anew. */
  private isDue(now: number): boolean {
    if (now < this.due) return false;
    const { intervalMs } = this.settings;
    this.due = now - this.due < intervalMs ? this.due + intervalMs : now + intervalMs;
    return true;
  }
}
