/** @file Classifiers in worker threads: opened, read, warmed, fed through shared memory, watched, ended. */
import { Worker } from 'node:worker_threads';
import type { VariantInfo } from '@alpharho/mobilenet-core';
import { keepRuntimeSilent } from '@alpharho/mobilenet-core/device';
import { AlpharhoError } from '@alpharho/protocol';
import type { Cancel, Clock } from '../../domain/clock.ts';
import { type FrameFormat, frameBytes } from '../../domain/frames.ts';
import { createSharedSlots, FrameGiver } from '../../domain/newest-wins.ts';
import type { Classifiers, InferenceReport, Lane, LaneListener, StagedModel, Warm, WarmHow } from '../../domain/ports.ts';
import { type FromWorker, type ToWorker, unpackResult, type WorkerData } from './messages.ts';
import { cpu, type Preferences } from './preferences.ts';

/** A frame that takes longer is taken for a hang: the slowest board needs about one second for the largest MobileNet. */
const hangMs = 30_000;
/** An orderly end that takes longer is forced. */
const closeMs = 2000;

/** A worker that is called off while it warms may take this long to come out of the runtime. */
const callOffMs = 1000;

/** Next to nothing is allocated at work, so young objects need little room; a large model's graph needs some as it is read. */
const resourceLimits = { maxYoungGenerationSizeMb: 2 };

export type WorkerClassifiersOptions = {
  /** The built worker module. */
  readonly module: URL;
  readonly preferences: Preferences;
  readonly top: number;
  readonly clock: Clock;
};

export class WorkerClassifiers implements Classifiers {
  private readonly options: WorkerClassifiersOptions;
  /** Providers whose lane died at work: its successor, and every other, does without them. The CPU is beyond that. */
  private readonly failed: Record<string, string> = {};

  constructor(options: WorkerClassifiersOptions) {
    this.options = options;
    keepRuntimeSilent();
  }

  async open(file: Uint8Array, signal: AbortSignal): Promise<StagedModel> {
    signal.throwIfAborted();
    const { module, preferences, top, clock } = this.options;
    const bytesBefore = process.memoryUsage.rss();
    // A copy of its own: it moves into the worker, and the caller's bytes may be part of a larger pool.
    const data: WorkerData = { file: new Uint8Array(file), preferences: { ...preferences, failed: this.failed }, top };
    const worker = new Worker(module, { workerData: data, transferList: [data.file.buffer as ArrayBuffer], execArgv: [], resourceLimits });
    const handle = new WorkerHandle(worker);
    const message = await handle.next(signal, () => handle.terminate());
    if (!('type' in message) || message.type !== 'read') throw handle.unexpected();
    const onFailed: OnFailed = (provider, reason) => {
      this.failed[provider] = reason;
    };
    return new WorkerModel({ handle, variant: message.variant, bytesBefore, clock, onFailed });
  }
}

/** A provider failed while it served. */
type OnFailed = (provider: string, reason: string) => void;

type WorkerModelOptions = {
  readonly handle: WorkerHandle;
  readonly variant: VariantInfo;
  /** What this process took before the file was opened. */
  readonly bytesBefore: number;
  readonly clock: Clock;
  readonly onFailed: OnFailed;
};

class WorkerModel implements StagedModel {
  private readonly options: WorkerModelOptions;

  constructor(options: WorkerModelOptions) {
    this.options = options;
  }

  get variant(): VariantInfo {
    return this.options.variant;
  }

  async warm(signal: AbortSignal, { rho = this.variant.rho, tune = 'later' }: WarmHow = {}): Promise<Warm> {
    const { handle, variant, bytesBefore, clock, onFailed } = this.options;
    const format = { rho, crop: variant.preprocessing.crop };
    const slots = createSharedSlots(frameBytes(format));
    const giver = new FrameGiver(slots);
    handle.post({ type: 'warm', slots, rho, tune });
    // A thread that is ended inside the runtime takes the whole process with it, so it is asked to leave and comes out by itself.
    const callOff = (): Promise<void> => {
      giver.stop();
      return handle.ended(clock, callOffMs);
    };
    const message = await handle.next(signal, callOff);
    if (!('type' in message) || message.type !== 'warm') throw handle.unexpected();
    const { warmupMs, golden, inference, isTunable } = message;
    const tookBytes = Math.max(process.memoryUsage.rss() - bytesBefore, 0);
    const lane = new WorkerLane({ handle, variant, format, inference, isTunable, tookBytes, giver, clock, onFailed });
    return { lane, warmupMs, golden };
  }

  discard(): void {
    void this.options.handle.terminate();
  }
}

type WorkerLaneOptions = {
  readonly handle: WorkerHandle;
  readonly variant: VariantInfo;
  readonly format: FrameFormat;
  readonly inference: InferenceReport;
  readonly isTunable: boolean;
  readonly tookBytes: number;
  readonly giver: FrameGiver;
  readonly clock: Clock;
  readonly onFailed: OnFailed;
};

/** INVARIANTS: after `close` or a fault it says nothing more; the slot is written by the caller's thread alone. */
class WorkerLane implements Lane {
  readonly variant: VariantInfo;
  readonly format: FrameFormat;
  readonly inference: InferenceReport;
  readonly isTunable: boolean;
  readonly tookBytes: number;
  private readonly handle: WorkerHandle;
  private readonly giver: FrameGiver;
  private readonly clock: Clock;
  private readonly onFailed: OnFailed;
  private listener: LaneListener | undefined;
  private outstanding = 0;
  private over = false;
  private cancelWatch: Cancel | undefined;

  constructor({ handle, variant, format, inference, isTunable, tookBytes, giver, clock, onFailed }: WorkerLaneOptions) {
    this.handle = handle;
    this.variant = variant;
    this.format = format;
    this.inference = inference;
    this.isTunable = isTunable;
    this.tookBytes = tookBytes;
    this.giver = giver;
    this.clock = clock;
    this.onFailed = onFailed;
    handle.listen(
      (message) => this.receive(message),
      (error) => this.fail(error),
    );
  }

  get slot(): Uint8Array {
    return this.giver.slot;
  }

  listen(listener: LaneListener): void {
    this.listener = listener;
  }

  submit(ticket: number): number | undefined {
    const replaced = this.giver.give(ticket);
    if (replaced === undefined) this.outstanding += 1;
    if (this.cancelWatch === undefined) this.watch();
    return replaced;
  }

  async close(): Promise<void> {
    this.over = true;
    this.cancelWatch?.();
    this.giver.stop();
    await this.handle.ended(this.clock);
  }

  private receive(message: FromWorker): void {
    if (this.over) return;
    if ('type' in message) {
      this.fail(message.type === 'failed' ? new AlpharhoError(message.code, message.message) : this.handle.unexpected());
      return;
    }
    this.outstanding -= 1;
    this.cancelWatch?.();
    this.cancelWatch = undefined;
    if (this.outstanding > 0) this.watch();
    this.listener?.result(unpackResult(message, this.variant.labels));
  }

  private watch(): void {
    this.cancelWatch = this.clock.after(hangMs, () => {
      this.fail(new AlpharhoError('internal', `the classifier gave no answer for ${hangMs / 1000} s`));
    });
  }

  private fail(error: AlpharhoError): void {
    if (this.over) return;
    this.over = true;
    this.cancelWatch?.();
    if (this.inference.provider !== cpu) this.onFailed(this.inference.provider, `it failed at work: ${error.message}`);
    void this.handle.terminate();
    this.listener?.fault(error);
  }
}

/** One worker thread, whose end, however it comes, is heard once. */
class WorkerHandle {
  private readonly worker: Worker;
  private readonly exited: Promise<void>;
  private end: AlpharhoError | undefined;
  private onMessage: (message: FromWorker) => void = () => undefined;
  private onEnd: (error: AlpharhoError) => void = () => undefined;

  constructor(worker: Worker) {
    this.worker = worker;
    worker.on('message', (message: FromWorker) => this.onMessage(message));
    worker.on('error', (error) =>
      this.finish(new AlpharhoError('internal', `the classifier's thread failed: ${String(error)}`, { cause: error })),
    );
    this.exited = new Promise((resolve) => {
      worker.on('exit', (code) => {
        this.finish(new AlpharhoError('internal', `the classifier's thread ended with code ${code}`));
        resolve();
      });
    });
  }

  post(message: ToWorker): void {
    this.worker.postMessage(message);
  }

  listen(onMessage: (message: FromWorker) => void, onEnd: (error: AlpharhoError) => void): void {
    this.onMessage = onMessage;
    this.onEnd = onEnd;
    if (this.end !== undefined) onEnd(this.end);
  }

  /**
   * The next message; a failure that it tells of, or the worker's end, is thrown.
   * @param callOff ends the worker after an abort; the signal's reason is thrown when it is gone
   */
  next(signal: AbortSignal, callOff: () => Promise<void>): Promise<FromWorker> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        signal.removeEventListener('abort', onAbort);
        this.listen(
          () => undefined,
          () => undefined,
        );
      };
      const fail = (error: unknown): void => {
        leave();
        void this.terminate();
        reject(error);
      };
      const onAbort = (): void => {
        leave();
        void callOff().then(() => reject(signal.reason));
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.listen((message) => {
        if ('type' in message && message.type === 'failed') {
          fail(new AlpharhoError(message.code, message.message));
          return;
        }
        leave();
        resolve(message);
      }, fail);
      if (signal.aborted) onAbort();
    });
  }

  unexpected(): AlpharhoError {
    void this.terminate();
    return new AlpharhoError('internal', "the classifier's thread spoke out of turn");
  }

  private finish(error: AlpharhoError): void {
    if (this.end !== undefined) return;
    this.end = error;
    this.onEnd(error);
  }

  async terminate(): Promise<void> {
    await this.worker.terminate();
  }

  /** Waits for an orderly end, and forces it where it does not come within `ms`. */
  async ended(clock: Clock, ms = closeMs): Promise<void> {
    const cancel = clock.after(ms, () => void this.terminate());
    await this.exited;
    cancel();
  }
}
