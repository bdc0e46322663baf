/** @file Classified frames on their way out: what the policy lets through, what changed, and pictures where they are wanted. */
import type { VariantInfo } from '@alpharho/mobilenet-core';
import { type DeviceRequest, maxThumbnailChars, type WireImage } from '@alpharho/protocol';
import type { Clock } from '../domain/clock.ts';
import type { AgentEvent, Emit } from '../domain/events.ts';
import type { FrameResult } from '../domain/frames.ts';
import type { Pictures } from '../domain/ports.ts';
import { type Change, PublishPolicy, type PublishSettings } from '../domain/publish-policy.ts';
import { anyProbability, strangeLabels } from '../domain/thresholds.ts';
import { FrameKeeper } from './frame-keeper.ts';
import type { Snapshots } from './snapshots.ts';

export type ThumbnailSettings = { readonly side: number; readonly blur: boolean };

export type PublishingSettings = {
  readonly policy: PublishSettings;
  /** Events of another label carry a picture; undefined: they do not. */
  readonly thumbnails: ThumbnailSettings | undefined;
  /** The hub may ask for pictures. */
  readonly snapshots: boolean;
};

/** What an agent does that is told nothing. */
export const publishEverything: PublishingSettings = {
  policy: { mode: 'every', changeCount: 3, intervalMs: 10_000, thresholds: anyProbability },
  thumbnails: undefined,
  snapshots: false,
};

export type PublisherOptions = Omit<PublishingSettings, 'snapshots'> & {
  readonly snapshots: Snapshots;
  readonly pictures: Pictures;
  readonly emit: Emit;
  /** Takes an event of another label when its picture is made; undefined where none would be told: then no picture is made. */
  readonly reserve: () => Emit | undefined;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** A result leaves. */
  readonly onPublish: (result: FrameResult) => void;
};

/** INVARIANT: without thumbnails and without a request for a snapshot no frame is copied. */
export class Publisher {
  private readonly options: PublisherOptions;
  private readonly policy: PublishPolicy;
  private readonly keeper = new FrameKeeper();
  /** Variants whose labels were compared with the thresholds. */
  private readonly compared = new Set<string>();
  /** Never rejects. */
  private working: Promise<void> = Promise.resolve();

  constructor(options: PublisherOptions) {
    this.options = options;
    this.policy = new PublishPolicy(options.policy);
  }

  /** The frame is complete and about to be classified. @param pixels the same memory holds another frame later */
  filled(frame: number, pixels: Uint8Array): void {
    if (this.options.thumbnails !== undefined || this.options.snapshots.wanted) this.keeper.keep(frame, pixels);
  }

  dropped(frame: number): void {
    this.keeper.forget(frame);
  }

  /** @param variant answers frames from now on */
  serves({ sha256, labels }: VariantInfo): void {
    if (this.compared.has(sha256)) return;
    this.compared.add(sha256);
    const strange = strangeLabels(this.options.policy.thresholds, labels);
    if (strange.length === 0) return;
    this.options.emit({
      id: 'config.labels',
      level: 'warning',
      message: `--thresholds names what variant ${sha256.slice(0, 12)} does not know: ${strange.join('; ')}`,
      detail: { labels: strange.join('; ') },
      variant: sha256,
    });
  }

  /** In the order of capture. */
  result(result: FrameResult): void {
    const { snapshots, policy, thumbnails, clock, onPublish } = this.options;
    if (snapshots.wanted) {
      const pixels = this.keeper.copy(result.frame);
      if (pixels !== undefined) snapshots.result(result, pixels);
    }
    const { publish, change } = this.policy.offer(result, clock.monotonic());
    if (publish !== undefined) onPublish(publish);
    if (change !== undefined && (policy.mode === 'change' || thumbnails !== undefined)) this.tell(change);
    this.keeper.forgetUpTo(result.frame, this.policy.pendingFrame);
  }

  request(request: DeviceRequest): void {
    this.options.snapshots.request(request);
  }

  /** Resolves once pictures that are being made are made. */
  async stop(): Promise<void> {
    await Promise.all([this.working, this.options.snapshots.stop()]);
  }

  /** With pictures, events wait for each other, so that they are told in their order. */
  private tell(change: Change): void {
    const { thumbnails, emit, reserve } = this.options;
    if (thumbnails === undefined) {
      emit(describe(change));
      return;
    }
    const put = reserve();
    if (put === undefined) return;
    const pixels = this.keeper.copy(change.result.frame);
    this.working = this.working.then(async () => put(describe(change, pixels && (await this.thumbnail(pixels, thumbnails)))));
  }

  private async thumbnail(pixels: Uint8Array, { side, blur }: ThumbnailSettings): Promise<WireImage | undefined> {
    try {
      return await this.options.pictures.encode(pixels, { maxSide: side, maxChars: maxThumbnailChars, blur });
    } catch (error) {
      this.options.emit({ id: 'log.error', level: 'error', message: `no thumbnail: ${String(error)}` });
      return undefined;
    }
  }
}

function describe({ result, replaced }: Change, thumbnail?: WireImage): AgentEvent {
  const { frame, at, variant, top } = result;
  const label = top[0]?.label ?? '';
  return {
    id: 'result.changed',
    level: 'info',
    message: replaced === undefined ? label : `${label}, after ${replaced}`,
    detail: { label, ...(replaced !== undefined && { replaced }) },
    variant,
    frame,
    top,
    at,
    ...(thumbnail !== undefined && { thumbnail }),
  };
}
