/** @file Classifiers that answer when a test tells them to. */
import type { VariantInfo } from '@alpharho/mobilenet-core';
import { AlpharhoError, type Prediction } from '@alpharho/protocol';
import type { FrameFormat } from '../../src/domain/frames.ts';
import type { Classifiers, InferenceReport, Lane, LaneListener, StagedModel, Tune, Warm, WarmHow } from '../../src/domain/ports.ts';

/** One frame in work, one waiting, the newest wins: as the real one does. */
export class FakeLane implements Lane {
  readonly variant: VariantInfo;
  readonly format: FrameFormat;
  readonly inference: InferenceReport;
  readonly isTunable: boolean;
  readonly tookBytes = 20_000_000;
  readonly slot: Uint8Array;
  closed = false;
  inWork: number | undefined;
  waiting: number | undefined;
  private listener: LaneListener | undefined;

  /** @param tune how it was warmed, where variants are measured */
  constructor(variant: VariantInfo, rho = variant.rho, tune?: Tune) {
    this.variant = variant;
    this.format = { rho, crop: variant.preprocessing.crop };
    this.slot = new Uint8Array(rho * rho * 3);
    this.isTunable = tune === 'later';
    const tuned = tune === 'must' || tune === 'try';
    this.inference = { provider: 'cpu', threads: tuned ? 2 : 1, precision: 'float32', tuned };
  }

  listen(listener: LaneListener): void {
    this.listener = listener;
  }

  submit(ticket: number): number | undefined {
    if (this.inWork === undefined) {
      this.inWork = ticket;
      return undefined;
    }
    const replaced = this.waiting;
    this.waiting = ticket;
    return replaced;
  }

  /** Answers the frame in work. */
  answer(top: Prediction[] = [{ class: 0, label: this.variant.labels[0] ?? '', probability: 1 }], inference = 1): void {
    const ticket = this.inWork;
    if (ticket === undefined) throw new Error('no frame in work');
    this.inWork = this.waiting;
    this.waiting = undefined;
    this.listener?.result({ ticket, top, stages: { preprocess: 0.1, inference, postprocess: 0.1 } });
  }

  die(): void {
    this.inWork = undefined;
    this.waiting = undefined;
    this.listener?.fault(new AlpharhoError('internal', 'the thread fell over'));
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

export class FakeClassifiers implements Classifiers {
  readonly lanes: FakeLane[] = [];
  /** What the next opening or warm-up meets. */
  openFault: AlpharhoError | undefined;
  warmFault: AlpharhoError | undefined;
  /** Set: a warm-up does not end until it is aborted. */
  hangs = false;
  /** Variants are measured here. */
  tunes = false;
  /** Set: a measurement does not end until it is aborted. */
  hangsTuning = false;
  /** Measurements that were aborted. */
  calledOff = 0;
  /** Why none can be measured now. */
  tuneFault: AlpharhoError | undefined;
  discarded = 0;
  /** What each variant answers to the golden input. */
  golden: Prediction[] = [{ class: 0, label: 'first', probability: 1 }];
  private readonly known: readonly VariantInfo[];

  /** @param known the file of a variant is its digest's text */
  constructor(known: readonly VariantInfo[]) {
    this.known = known;
  }

  static file(variant: VariantInfo): Uint8Array {
    return Buffer.from(variant.sha256);
  }

  lane(variant: VariantInfo): FakeLane {
    const found = this.lanes.filter((lane) => lane.variant.sha256 === variant.sha256).at(-1);
    if (found === undefined) throw new Error(`no lane of ${variant.sha256.slice(0, 4)}`);
    return found;
  }

  async open(file: Uint8Array, signal: AbortSignal): Promise<StagedModel> {
    signal.throwIfAborted();
    if (this.openFault !== undefined) throw this.openFault;
    const variant = this.known.find(({ sha256 }) => sha256 === Buffer.from(file).toString());
    if (variant === undefined) throw new AlpharhoError('model_corrupt', 'not a model');
    return {
      variant,
      warm: (warmSignal, how) => this.warm(variant, warmSignal, how),
      discard: () => {
        this.discarded += 1;
      },
    };
  }

  private async warm(variant: VariantInfo, signal: AbortSignal, { rho, tune = 'later' }: WarmHow = {}): Promise<Warm> {
    if (this.warmFault !== undefined) throw this.warmFault;
    if (this.hangs) await this.untilAborted(signal);
    if (tune === 'must' && this.hangsTuning) await this.untilAborted(signal).finally(() => (this.calledOff += 1));
    if (tune === 'must' && this.tuneFault !== undefined) throw this.tuneFault;
    const lane = new FakeLane(variant, rho, this.tunes ? tune : undefined);
    this.lanes.push(lane);
    return { lane, warmupMs: 1, golden: this.golden };
  }

  private untilAborted(signal: AbortSignal): Promise<never> {
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  }
}
