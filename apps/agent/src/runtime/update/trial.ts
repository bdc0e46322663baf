/**
 * @file A new variant on trial: warmed up and asked what it is known to answer, compared with the one that serves on live frames, put into
 * service between two frames, and watched until it has proved itself.
 */
import { AlpharhoError, type UpdateEvent } from '@alpharho/protocol';
import type { FrameFormat, FrameResult } from '../../domain/frames.ts';
import { type GoldenAnswer, goldenFault } from '../../domain/golden.ts';
import type { Lane, LaneResult, Log, ModelStore, StagedModel } from '../../domain/ports.ts';
import { round } from '../../domain/round.ts';
import { ShadowComparison, type ShadowFigures, type ShadowLimits } from '../../domain/shadow-comparison.ts';
import type { Capture } from '../capture.ts';
import type { FrameLoop } from '../frame-loop.ts';
import type { Serving } from '../serving.ts';
import type { ShadowSink } from '../shadow-sink.ts';
import type { HubsWord } from './hubs-word.ts';
import { heldInStore } from './model-files.ts';

export type TrialOptions = {
  readonly store: ModelStore;
  readonly loop: FrameLoop;
  readonly capture: Capture;
  readonly serving: Serving;
  /** Shows a second classifier what is served. */
  readonly shadows: ShadowSink;
  readonly word: HubsWord;
  /** What shadowing has found so far. */
  readonly onShadow: (report: ShadowReport) => void;
  readonly log: Log;
};

/** What the desired state asks of a new variant before it may serve. */
export type TrialTerms = {
  readonly shadow: ShadowLimits & { readonly maxMemoryBytes?: number | undefined };
  /** Good answers in service before the hub is asked for its word. */
  readonly probationFrames: number;
  readonly revision: number;
  /** Undefined: its manifest says nothing. */
  readonly golden: GoldenAnswer | undefined;
};

/** Without a baseline where nothing served before. */
export type ShadowReport = ShadowFigures & { readonly memoryBytes: number };

type Candidate = {
  readonly lane: Lane;
  fault: AlpharhoError | undefined;
  wake: () => void;
  /** Answers in service, or pairs of answers, that no step has told of yet. */
  good: number;
  comparison?: ShadowComparison;
  /** Good answers in service that were told of. */
  proven: number;
  word?: 'asked' | 'given';
};

export class Trial {
  private readonly options: TrialOptions;
  private readonly terms: TrialTerms;
  private candidate: Candidate | undefined;
  /** Frames go to the candidate's lane. */
  private inService = false;

  constructor(options: TrialOptions, terms: TrialTerms) {
    this.options = options;
    this.terms = terms;
  }

  async warm(staged: StagedModel, signal: AbortSignal): Promise<UpdateEvent> {
    const { serving } = this.options;
    serving.hush();
    const { lane, warmupMs, golden } = await staged.warm(signal, { rho: serving.rhoFor(staged.variant), tune: 'try' });
    // A step that was given up may come back late.
    if (signal.aborted) await lane.close();
    signal.throwIfAborted();
    this.candidate = { lane, fault: undefined, wake: () => undefined, good: 0, proven: 0 };
    this.options.log.info(`variant ${lane.variant.sha256.slice(0, 12)} answered its first frame after ${warmupMs.toFixed(1)} ms`);
    // The answer is known for the variant's own ρ alone.
    const { golden: expected } = this.terms;
    const fault = expected === undefined || lane.format.rho !== lane.variant.rho ? undefined : goldenFault(expected, golden);
    if (fault !== undefined) throw new AlpharhoError('golden_mismatch', fault);
    return { type: 'warmed' };
  }

  /** @returns at the next frame that both have answered, and at the end of them; at once where nothing serves that it could be compared with */
  async shadow(signal: AbortSignal): Promise<UpdateEvent> {
    const candidate = this.required();
    const served = this.options.loop.current?.format;
    if (served === undefined) return { type: 'shadowed' };
    candidate.comparison ??= this.beginShadow(candidate, served);
    const { comparison } = candidate;
    if (candidate.good === 0 && candidate.fault === undefined) await untilAborted(woken(candidate), signal);
    if (candidate.fault !== undefined) {
      throw new AlpharhoError('shadow_failed', `the variant failed beside the serving one: ${candidate.fault.message}`);
    }
    candidate.good -= 1;
    this.tellShadow(candidate, comparison);
    const { fault } = comparison;
    if (fault !== undefined) throw new AlpharhoError(fault.code, fault.message);
    if (comparison.frames < this.terms.shadow.frames) return { type: 'frame' };
    this.options.shadows.hide(true);
    candidate.good = 0;
    return { type: 'shadowed' };
  }

  /** @returns at the first frame that goes to the new variant; until then the old one answers */
  async switchOver(signal: AbortSignal): Promise<UpdateEvent> {
    const { loop, capture, serving } = this.options;
    const candidate = this.required();
    serving.giveWay();
    const switched = new Promise<void>((resolve) => {
      loop.switchTo(candidate.lane, () => {
        serving.stepAside();
        this.inService = true;
        resolve();
      });
    });
    capture.want(candidate.lane.format);
    await untilAborted(Promise.race([switched, faulted(candidate)]), signal);
    if (this.inService) return { type: 'switched' };
    throw candidate.fault ?? new AlpharhoError('internal', 'the switch did not happen');
  }

  /** @returns at the next good inference, after the last of them at the hub's word, or at the fault that sends the variant back */
  async prove(signal: AbortSignal): Promise<UpdateEvent> {
    const candidate = this.required();
    const isProven = candidate.proven >= this.terms.probationFrames;
    if (isProven) this.askForWord(candidate);
    const waits = () => candidate.fault === undefined && (isProven ? candidate.word !== 'given' : candidate.good === 0);
    while (waits()) await untilAborted(woken(candidate), signal);
    if (candidate.fault === undefined) {
      if (isProven) return { type: 'acknowledged' };
      candidate.good -= 1;
      candidate.proven += 1;
      return { type: 'frame' };
    }
    const error = { code: 'probation_failed', message: `the variant failed in its first frames: ${candidate.fault.message}` } as const;
    return this.options.serving.current === undefined ? { type: 'revert_failed', error } : { type: 'reverted', error };
  }

  /** Probation is passed: what was on trial is what serves. */
  keep(): void {
    const { lane } = this.required();
    this.candidate = undefined;
    this.options.serving.commit(heldInStore(this.options.store, lane.variant), lane);
  }

  /** @returns false where the lane is not the one on trial */
  laneFault(lane: Lane, error: AlpharhoError): boolean {
    const { candidate } = this;
    if (candidate?.lane !== lane) return false;
    candidate.fault = error;
    candidate.wake();
    return true;
  }

  /** One more answer of what serves. */
  answered({ frame, variant, top, stages }: FrameResult): void {
    const { candidate } = this;
    if (candidate === undefined) return;
    if (this.inService ? candidate.lane.variant.sha256 !== variant : candidate.comparison?.serves(frame, top, stages) !== true) return;
    candidate.good += 1;
    candidate.wake();
  }

  /** Puts things back where the update was called off or failed; does nothing after a commit. */
  end(): void {
    const { candidate } = this;
    this.candidate = undefined;
    if (candidate === undefined) return;
    const { loop, serving, shadows } = this.options;
    shadows.hide(false);
    loop.cancelSwitch(candidate.lane);
    serving.comeBack(candidate.lane);
  }

  private askForWord(candidate: Candidate): void {
    if (candidate.word !== undefined) return;
    candidate.word = 'asked';
    void this.options.word.ask(candidate.lane.variant.sha256, this.terms.revision).then(() => {
      candidate.word = 'given';
      candidate.wake();
    });
  }

  private beginShadow(candidate: Candidate, served: FrameFormat): ShadowComparison {
    const { serving, shadows, capture } = this.options;
    const { shadow } = this.terms;
    const { lane } = candidate;
    if (shadow.maxMemoryBytes !== undefined && lane.tookBytes > shadow.maxMemoryBytes) {
      const [takes, allowed] = [lane.tookBytes, shadow.maxMemoryBytes].map((bytes) => Math.round(bytes / 1e6));
      throw new AlpharhoError('shadow_memory', `with the variant the process takes ${takes} MB more; at most ${allowed} MB is allowed`);
    }
    const comparison = new ShadowComparison(shadow);
    lane.listen({
      result: (result) => this.shadowed(candidate, comparison, result),
      fault: (error) => this.laneFault(lane, error),
    });
    // What serves keeps its ρ for as long as it is compared with.
    serving.giveWay();
    capture.want(shadows.show(lane, served));
    return comparison;
  }

  private shadowed(candidate: Candidate, comparison: ShadowComparison, { ticket, top, stages }: LaneResult): void {
    if (this.candidate !== candidate || this.inService || !comparison.shadows(-ticket, top, stages)) return;
    candidate.good += 1;
    candidate.wake();
  }

  private tellShadow({ lane }: Candidate, comparison: ShadowComparison): void {
    const { frames, agreement, p95Ms, baselineP95Ms } = comparison.figures;
    const [rounded, ms, baseline] = [round(agreement, 1e4), round(p95Ms, 1000), round(baselineP95Ms, 1000)];
    this.options.onShadow({ frames, agreement: rounded, p95Ms: ms, baselineP95Ms: baseline, memoryBytes: lane.tookBytes });
  }

  private required(): Candidate {
    if (this.candidate === undefined) throw new AlpharhoError('internal', 'a step of the update ran before the one that it needs');
    return this.candidate;
  }
}

function woken(candidate: Candidate): Promise<void> {
  return new Promise((resolve) => {
    candidate.wake = resolve;
  });
}

function faulted(candidate: Candidate): Promise<void> {
  return candidate.fault === undefined ? woken(candidate) : Promise.resolve();
}

/** @throws the signal's reason as soon as it is aborted, whatever the work is still doing */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
