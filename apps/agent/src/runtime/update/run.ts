/** @file One update under way: which part does each phase, and what is cleaned up at the end. */
import type { AlpharhoError, Desired, restingPhases, Sha256, UpdateEvent, UpdatePhase } from '@alpharho/protocol';
import type { Lane } from '../../domain/ports.ts';
import { Fetch, type FetchOptions } from './fetch.ts';
import { Trial, type TrialOptions } from './trial.ts';

/** The policy asks for no shadow frames, so the machine never comes to `shadowing` here. */
export type WorkingPhase = Exclude<UpdatePhase, (typeof restingPhases)[number] | 'shadowing'>;

export type RunOptions = FetchOptions & TrialOptions;

type Step = (
  run: { readonly fetch: Fetch; readonly trial: Trial },
  signal: AbortSignal,
  progress: (percent: number) => void,
) => Promise<UpdateEvent>;

const steps: Record<WorkingPhase, Step> = {
  downloading: ({ fetch }, signal, progress) => fetch.download(signal, progress),
  verifying: ({ fetch }, signal) => fetch.verify(signal),
  staged: ({ fetch }) => fetch.stage(),
  warming: ({ fetch, trial }, signal) => trial.warm(fetch.take(), signal),
  switching: ({ trial }, signal) => trial.switchOver(signal),
  probation: ({ trial }, signal) => trial.prove(signal),
};

export class Run {
  private readonly fetch: Fetch;
  private readonly trial: Trial;

  constructor(options: RunOptions, desired: Desired) {
    this.fetch = new Fetch(options, desired);
    this.trial = new Trial(options);
  }

  step(phase: WorkingPhase, signal: AbortSignal, progress: (percent: number) => void): Promise<UpdateEvent> {
    return steps[phase](this.parts, signal, progress);
  }

  laneFault(lane: Lane, error: AlpharhoError): boolean {
    return this.trial.laneFault(lane, error);
  }

  answered(sha256: Sha256): void {
    this.trial.answered(sha256);
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
