/** @file A new variant on trial: warmed up, put into service between two frames, and watched until it has proved itself. */
import { AlpharhoError, type Sha256, type UpdateEvent } from '@alpharho/protocol';
import type { Lane, Log, ModelStore, StagedModel } from '../../domain/ports.ts';
import type { Capture } from '../capture.ts';
import type { FrameLoop } from '../frame-loop.ts';
import type { Serving } from '../serving.ts';
import { heldInStore } from './model-files.ts';

export type TrialOptions = {
  readonly store: ModelStore;
  readonly loop: FrameLoop;
  readonly capture: Capture;
  readonly serving: Serving;
  readonly log: Log;
};

type Candidate = { readonly lane: Lane; fault: AlpharhoError | undefined; wake: () => void; good: number };

export class Trial {
  private readonly options: TrialOptions;
  private candidate: Candidate | undefined;
  /** Frames go to the candidate's lane. */
  private inService = false;

  constructor(options: TrialOptions) {
    this.options = options;
  }

  async warm(staged: StagedModel, signal: AbortSignal): Promise<UpdateEvent> {
    const { serving } = this.options;
    serving.hush();
    const { lane, warmupMs } = await staged.warm(signal, { rho: serving.rhoFor(staged.variant), tune: 'try' });
    this.candidate = { lane, fault: undefined, wake: () => undefined, good: 0 };
    this.options.log.info(`variant ${lane.variant.sha256.slice(0, 12)} answered its first frame after ${warmupMs.toFixed(1)} ms`);
    return { type: 'warmed' };
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

  /** @returns at the next good inference, or at the fault that sends the variant back */
  async prove(signal: AbortSignal): Promise<UpdateEvent> {
    const candidate = this.required();
    if (candidate.good === 0 && candidate.fault === undefined) await untilAborted(woken(candidate), signal);
    if (candidate.fault === undefined) {
      candidate.good -= 1;
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

  /** One more answer of the variant that serves. */
  answered(sha256: Sha256): void {
    const { candidate } = this;
    if (candidate === undefined || candidate.lane.variant.sha256 !== sha256) return;
    candidate.good += 1;
    candidate.wake();
  }

  /** Puts things back where the update was called off or failed; does nothing after a commit. */
  end(): void {
    const { candidate } = this;
    this.candidate = undefined;
    if (candidate === undefined) return;
    const { loop, serving } = this.options;
    loop.cancelSwitch(candidate.lane);
    serving.comeBack(candidate.lane);
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
