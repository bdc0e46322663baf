/** @file A new variant beside the one that serves, on the same frames: how often they agree, and which is slower. */
import type { Prediction } from '@alpharho/protocol';
import type { StageMs } from './frames.ts';
import { quantile } from './quantile.ts';

/** What a shadow may be, at the most or least. */
export type ShadowLimits = {
  /** Frames that both answer before it is judged. */
  readonly frames: number;
  /** Share of frames on which both give the same label first, 0 to 1. */
  readonly minAgreement: number;
  /** Of the new variant's 95th percentile, milliseconds. */
  readonly maxP95Ms?: number | undefined;
  /** Of the new variant's 95th percentile to that of the serving one. */
  readonly maxP95Ratio?: number | undefined;
};

export type ShadowFigures = {
  /** Frames that both answered. */
  readonly frames: number;
  readonly agreement: number;
  /** Preprocessing, inference and postprocessing, 95th percentile, milliseconds, while both ran. */
  readonly p95Ms: number;
  readonly baselineP95Ms: number;
};

export type ShadowFault = { readonly code: 'shadow_disagrees' | 'shadow_slow'; readonly message: string };

type Answer = { readonly label: string | undefined; readonly ms: number };

/** Frames of which one answer is missing; the other one of an older frame was dropped and never comes. */
const maxWaiting = 16;

export class ShadowComparison {
  private readonly limits: ShadowLimits;
  private readonly served = new Map<number, Answer>();
  private readonly shadowed = new Map<number, Answer>();
  private readonly servedMs: number[] = [];
  private readonly shadowedMs: number[] = [];
  private agreed = 0;

  constructor(limits: ShadowLimits) {
    this.limits = limits;
  }

  get frames(): number {
    return this.shadowedMs.length;
  }

  /** The serving variant's answer. @returns whether both have answered this frame now */
  serves(frame: number, top: readonly Prediction[], stages: StageMs): boolean {
    return this.pair(frame, this.served, this.shadowed, { label: top[0]?.label, ms: total(stages) });
  }

  /** The new variant's answer. @returns whether both have answered this frame now */
  shadows(frame: number, top: readonly Prediction[], stages: StageMs): boolean {
    return this.pair(frame, this.shadowed, this.served, { label: top[0]?.label, ms: total(stages) });
  }

  get figures(): ShadowFigures {
    return {
      frames: this.frames,
      agreement: this.frames === 0 ? 0 : this.agreed / this.frames,
      p95Ms: p95(this.shadowedMs),
      baselineP95Ms: p95(this.servedMs),
    };
  }

  /** What keeps it from serving, as soon as that is certain; undefined: nothing so far. */
  get fault(): ShadowFault | undefined {
    const { frames, minAgreement, maxP95Ms, maxP95Ratio } = this.limits;
    const { agreement, p95Ms, baselineP95Ms } = this.figures;
    // It cannot come back up, however well the rest goes.
    const disagreed = this.frames - this.agreed;
    if (disagreed > frames * (1 - minAgreement) + 1e-9) {
      const seen = `${percent(agreement)} of ${this.frames} frames got the label that the serving variant gives`;
      return { code: 'shadow_disagrees', message: `${seen}; at least ${percent(minAgreement)} of ${frames} are wanted` };
    }
    if (this.frames < frames) return undefined;
    const own = `p95 ${p95Ms.toFixed(1)} ms`;
    if (maxP95Ms !== undefined && p95Ms > maxP95Ms) return { code: 'shadow_slow', message: `${own}; at most ${maxP95Ms} ms is allowed` };
    if (maxP95Ratio !== undefined && p95Ms > maxP95Ratio * baselineP95Ms) {
      const against = `${own} against ${baselineP95Ms.toFixed(1)} ms of the serving variant`;
      return { code: 'shadow_slow', message: `${against}; at most ${maxP95Ratio} times as much is allowed` };
    }
    return undefined;
  }

  private pair(frame: number, own: Map<number, Answer>, other: Map<number, Answer>, answer: Answer): boolean {
    const known = other.get(frame);
    if (known === undefined) {
      own.set(frame, answer);
      for (const old of own.keys()) if (own.size > maxWaiting) own.delete(old);
      return false;
    }
    other.delete(frame);
    const [served, shadowed] = own === this.served ? [answer, known] : [known, answer];
    this.servedMs.push(served.ms);
    this.shadowedMs.push(shadowed.ms);
    if (served.label === shadowed.label) this.agreed += 1;
    return true;
  }
}

function total({ preprocess, inference, postprocess }: StageMs): number {
  return preprocess + inference + postprocess;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function p95(values: readonly number[]): number {
  return values.length === 0 ? 0 : quantile(values, 0.95);
}
