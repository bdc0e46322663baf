/** @file One update under way: which part does each phase, and what is cleaned up at the end. */
import type { AlpharhoError, restingPhases, UpdateEvent, UpdatePhase } from '@alpharho/protocol';
import type { Wanted } from '../../domain/desired-door.ts';
import type { FrameResult } from '../../domain/frames.ts';
import type { Lane } from '../../domain/ports.ts';
import { Fetch, type FetchOptions } from './fetch.ts';
import { Trial, type TrialOptions, type TrialTerms } from './trial.ts';

export type WorkingPhase = Exclude<UpdatePhase, (typeof restingPhases)[number]>;

export type RunOptions = FetchOptions & TrialOptions;

type Step = (
  run: { readonly fetch: Fetch; readonly trial: Trial },
  signal: AbortSignal,
  progress: (percent: number) => void,
) => Promise<UpdateEvent>;

const steps: Record<WorkingPhase, Step> = {
  downloading: ({ fetch }, signal, progress) => fetch.download(signal, progress),
  verifying: ({ fetch }, signal) => fetch.verify(signal),
  staged: ({ fetch }, signal) => fetch.stage(signal),
  warming: ({ fetch, trial }, signal) => trial.warm(fetch.take(), signal),
  shadowing: ({ trial }, signal) => trial.shadow(signal),
  switching: ({ trial }, signal) => trial.switchOver(signal),
  probation: ({ trial }, signal) => trial.prove(signal),
};

export class Run {
  private readonly fetch: Fetch;
  private readonly trial: Trial;

  constructor(options: RunOptions, wanted: Wanted) {
    this.fetch = new Fetch(options, wanted);
    this.trial = new Trial(options, termsOf(wanted));
  }

  step(phase: WorkingPhase, signal: AbortSignal, progress: (percent: number) => void): Promise<UpdateEvent> {
    return steps[phase](this.parts, signal, progress);
  }

  laneFault(lane: Lane, error: AlpharhoError): boolean {
    return this.trial.laneFault(lane, error);
  }

  answered(result: FrameResult): void {
    this.trial.answered(result);
  }

  /** The update waits before anything of the variant's runs. */
  rest(): void {
    this.fetch.rest();
  }

  /** Probation is passed. */
  keep(): void {
    this.trial.keep();
  }

  /** Puts things back where the update was called off or failed; does nothing after a commit. */
  end(): void {
    this.fetch.end();
    this.trial.end();
  }

  private get parts(): { readonly fetch: Fetch; readonly trial: Trial } {
    return { fetch: this.fetch, trial: this.trial };
  }
}

function termsOf({ revision, policy, manifest }: Wanted): TrialTerms {
  return { shadow: policy.shadow, golden: manifest.golden, probationFrames: policy.probation.frames, revision };
}
