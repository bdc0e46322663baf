/** @file What each phase of an update does on this device. */
import type { VariantInfo } from '@alpharho/mobilenet-core';
import { AlpharhoError, type Desired, type restingPhases, type Sha256, type UpdateEvent, type UpdatePhase } from '@alpharho/protocol';
import type { Classifiers, Lane, Log, ModelStore, StagedModel } from '../domain/ports.ts';
import { contradiction } from '../domain/reconcile.ts';
import type { Capture } from './capture.ts';
import type { FrameLoop } from './frame-loop.ts';
import type { Keeper } from './keeper.ts';
import type { Held, Serving } from './serving.ts';

/** The policy asks for no shadow frames, so the machine never comes to `shadowing` here. */
export type WorkingPhase = Exclude<UpdatePhase, (typeof restingPhases)[number] | 'shadowing'>;

export type UpdateStepsOptions = {
  readonly store: ModelStore;
  readonly classifiers: Classifiers;
  readonly loop: FrameLoop;
  readonly capture: Capture;
  readonly serving: Serving;
  readonly keeper: Keeper;
  /** What a path in `desired.url` stands on. */
  readonly modelsUrl: URL;
  readonly log: Log;
};

type Step = (run: Run, signal: AbortSignal, progress: (percent: number) => void) => Promise<UpdateEvent>;

export class UpdateSteps {
  private readonly options: UpdateStepsOptions;

  constructor(options: UpdateStepsOptions) {
    this.options = options;
  }

  begin(desired: Desired): Run {
    return new Run(this.options, desired);
  }

  /** The variant is the device's own from now on: written down, kept in the store, and older files forgotten. */
  async committed(desired: Desired): Promise<void> {
    const { keeper, store, serving, log } = this.options;
    const { sha256 } = desired.variant;
    const before = keeper.state.committed?.sha256;
    try {
      // A variant that came by --model is in no store yet.
      const held = serving.current;
      if (held?.variant.sha256 === sha256) await store.put(sha256, await held.load());
      await store.keepOnly(before === undefined ? [sha256] : [sha256, before]);
    } catch (error) {
      log.error(`the model folder is not in order: ${error instanceof Error ? error.message : String(error)}`);
    }
    await keeper.update(({ trying: _, ...kept }) => {
      // A newer desired state may have been written down meanwhile, for this variant or for another one.
      const revision = Math.max(kept.revision, desired.revision);
      const isWanted = revision === desired.revision || kept.target === sha256;
      return { ...kept, committed: desired.variant, ...(isWanted && { revision, target: sha256, outcome: { code: 'ok' } }) };
    });
  }
}

type Trial = { readonly lane: Lane; fault: AlpharhoError | undefined; wake: () => void; good: number };

/** One update under way: holds what its steps hand on to each other, and cleans up what is left at the end. */
export class Run {
  private readonly options: UpdateStepsOptions;
  private readonly desired: Desired;
  private staged: StagedModel | undefined;
  private trial: Trial | undefined;
  /** Frames go to the trial's lane. */
  private inService = false;

  constructor(options: UpdateStepsOptions, desired: Desired) {
    this.options = options;
    this.desired = desired;
  }

  step(phase: WorkingPhase, signal: AbortSignal, progress: (percent: number) => void): Promise<UpdateEvent> {
    return steps[phase](this, signal, progress);
  }

  laneFault(lane: Lane, error: AlpharhoError): boolean {
    const { trial } = this;
    if (trial?.lane !== lane) return false;
    trial.fault = error;
    trial.wake();
    return true;
  }

  answered(sha256: Sha256): void {
    const { trial } = this;
    if (trial === undefined || trial.lane.variant.sha256 !== sha256) return;
    trial.good += 1;
    trial.wake();
  }

  /** Puts things back where the update was called off or failed; does nothing after a commit. */
  async end(): Promise<void> {
    this.staged?.discard();
    const { trial } = this;
    this.trial = undefined;
    if (trial === undefined) return;
    const { loop, serving } = this.options;
    loop.cancelSwitch(trial.lane);
    serving.comeBack(trial.lane);
  }

  async download(signal: AbortSignal, progress: (percent: number) => void): Promise<UpdateEvent> {
    const { store, modelsUrl } = this.options;
    const { variant, url } = this.desired;
    // The digest stays unchecked until `verify`, which reads a file that was here already just the same.
    await store.fetch({ sha256: variant.sha256, bytes: variant.bytes, url: modelAddress(url, modelsUrl) }, progress, signal);
    return { type: 'downloaded' };
  }

  async verify(signal: AbortSignal): Promise<UpdateEvent> {
    const { store, classifiers } = this.options;
    const { variant } = this.desired;
    this.staged = await classifiers.open(await store.verify(variant, signal), signal);
    const difference = contradiction(variant, this.staged.variant);
    if (difference !== undefined) throw new AlpharhoError('variant_mismatch', difference);
    return { type: 'verified' };
  }

  /** From here on the variant's own code runs in this process, so it is written down first who would have killed it. */
  async stage(): Promise<UpdateEvent> {
    const { sha256 } = this.desired.variant;
    await this.options.keeper.update((kept) => ({
      ...kept,
      trying: { sha256, deaths: kept.trying?.sha256 === sha256 ? kept.trying.deaths : 0 },
    }));
    return { type: 'warmup_started' };
  }

  async warm(signal: AbortSignal): Promise<UpdateEvent> {
    const staged = this.required(this.staged);
    const { serving } = this.options;
    serving.hush();
    const { lane, warmupMs } = await staged.warm(signal, { rho: serving.rhoFor(staged.variant), tune: 'try' });
    this.staged = undefined;
    this.trial = { lane, fault: undefined, wake: () => undefined, good: 0 };
    this.options.log.info(`variant ${lane.variant.sha256.slice(0, 12)} answered its first frame after ${warmupMs.toFixed(1)} ms`);
    return { type: 'warmed' };
  }

  /** @returns at the first frame that goes to the new variant; until then the old one answers */
  async switchOver(signal: AbortSignal): Promise<UpdateEvent> {
    const { loop, capture, serving } = this.options;
    const trial = this.required(this.trial);
    serving.giveWay();
    const switched = new Promise<void>((resolve) => {
      loop.switchTo(trial.lane, () => {
        serving.stepAside();
        this.inService = true;
        resolve();
      });
    });
    capture.want(trial.lane.format);
    await untilAborted(Promise.race([switched, this.faulted(trial)]), signal);
    if (this.inService) return { type: 'switched' };
    throw trial.fault ?? new AlpharhoError('internal', 'the switch did not happen');
  }

  /** @returns at the next good inference, or at the fault that sends the variant back */
  async prove(signal: AbortSignal): Promise<UpdateEvent> {
    const trial = this.required(this.trial);
    if (trial.good === 0 && trial.fault === undefined) await untilAborted(this.woken(trial), signal);
    if (trial.fault === undefined) {
      trial.good -= 1;
      return { type: 'frame' };
    }
    const error = { code: 'probation_failed', message: `the variant failed in its first frames: ${trial.fault.message}` } as const;
    return this.options.serving.current === undefined ? { type: 'revert_failed', error } : { type: 'reverted', error };
  }

  /** Probation is passed: what was on trial is what serves. */
  keep(): void {
    const trial = this.required(this.trial);
    this.trial = undefined;
    this.options.serving.commit(heldInStore(this.options.store, trial.lane.variant), trial.lane);
  }

  private woken(trial: Trial): Promise<void> {
    return new Promise((resolve) => {
      trial.wake = resolve;
    });
  }

  private faulted(trial: Trial): Promise<void> {
    return trial.fault === undefined ? this.woken(trial) : Promise.resolve();
  }

  private required<T>(value: T | undefined): T {
    if (value === undefined) throw new AlpharhoError('internal', 'a step of the update ran before the one that it needs');
    return value;
  }
}

const steps: Record<WorkingPhase, Step> = {
  downloading: (run, signal, progress) => run.download(signal, progress),
  verifying: (run, signal) => run.verify(signal),
  staged: (run) => run.stage(),
  warming: (run, signal) => run.warm(signal),
  switching: (run, signal) => run.switchOver(signal),
  probation: (run, signal) => run.prove(signal),
};

/** A path stands on the whole base address, its own path included: the hub may live behind a prefix. */
export function modelAddress(url: string, base: URL): URL {
  return url.startsWith('/') ? new URL(`${base.href.replace(/\/$/, '')}${url}`) : new URL(url);
}

/** A variant whose file lies in the store. */
export function heldInStore(store: ModelStore, variant: VariantInfo): Held {
  return { variant, load: () => loadFrom(store, variant.sha256) };
}

/** @throws AlpharhoError model_missing, digest_mismatch, internal */
export async function loadFrom(store: ModelStore, sha256: Sha256): Promise<Uint8Array> {
  const file = await store.load(sha256);
  if (file === undefined) throw new AlpharhoError('model_missing', `variant ${sha256.slice(0, 12)} is not in the model folder any more`);
  return file;
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
