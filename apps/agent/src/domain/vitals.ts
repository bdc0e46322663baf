/** @file What has become of the frames since the start, and whether they move: the figures behind `status`, `/metrics` and the watchdog. */
import type { Clock } from './clock.ts';
import type { FrameResult } from './frames.ts';
import { newSketches, type Stage, type StageSketches } from './stage-sketches.ts';

/** Why a frame that came was never classified; the first and the last are a camera that is faster than the classifier. */
export const dropReasons = ['newer_frame', 'no_classifier', 'classifier_lost', 'not_decoded'] as const;
export type DropReason = (typeof dropReasons)[number];

export type FrameCounts = { captured: number; classified: number; dropped: Record<DropReason, number> };

/** What `recent` is about, at most. */
const recentMs = 10_000;

type Stretch = { readonly since: number; classified: number; readonly sketches: StageSketches };
/** Frames a second and latencies of the last seconds. */
export type Recent = { readonly seconds: number; readonly rate: number; readonly sketches: StageSketches };

/** INVARIANT: captured = classified + dropped + those in work. */
export class Vitals {
  readonly counts: FrameCounts = {
    captured: 0,
    classified: 0,
    dropped: { newer_frame: 0, no_classifier: 0, classifier_lost: 0, not_decoded: 0 },
  };
  /** Since the start. */
  readonly sketches = newSketches();
  private readonly clock: Clock;
  private lastFrame: number | undefined;
  private lastSettled: number | undefined;
  private inWork = 0;
  private before: { stretch: Stretch; until: number } | undefined;
  private stretch: Stretch;

  constructor(clock: Clock) {
    this.clock = clock;
    this.stretch = newStretch(clock.monotonic());
  }

  captured(ms: number): void {
    this.counts.captured += 1;
    if (this.inWork === 0) this.lastSettled = this.clock.monotonic();
    this.inWork += 1;
    this.lastFrame = this.clock.monotonic();
    this.record('capture', ms);
  }

  /** Came, and was never made into pixels. */
  skipped(): void {
    this.counts.captured += 1;
    this.counts.dropped.not_decoded += 1;
    this.lastFrame = this.clock.monotonic();
  }

  dropped(reason: Exclude<DropReason, 'not_decoded'>): void {
    this.counts.dropped[reason] += 1;
    // A camera that is faster than the classifier drops frames all the time: only a lost classifier is the end of what it had.
    this.inWork -= 1;
    if (reason !== 'newer_frame') this.lastSettled = this.clock.monotonic();
  }

  classified({ ms, stages: parts }: FrameResult): void {
    this.counts.classified += 1;
    this.inWork -= 1;
    this.lastSettled = this.clock.monotonic();
    this.turn(this.lastSettled);
    this.stretch.classified += 1;
    this.record('total', ms);
    this.record('preprocess', parts.preprocess);
    this.record('inference', parts.inference);
    this.record('postprocess', parts.postprocess);
  }

  published(ms: number): void {
    this.record('publish', ms);
  }

  /** Milliseconds since the latest frame came; undefined before the first. */
  get frameAge(): number | undefined {
    return this.lastFrame === undefined ? undefined : this.clock.monotonic() - this.lastFrame;
  }

  /** Milliseconds for which frames have waited and none was answered; 0 where none waits. */
  get stuckMs(): number {
    return this.inWork === 0 || this.lastSettled === undefined ? 0 : this.clock.monotonic() - this.lastSettled;
  }

  /** The last whole stretch while it is fresh, else the one that has begun. */
  get recent(): Recent {
    const now = this.clock.monotonic();
    this.turn(now);
    const { stretch, until } = this.before ?? { stretch: this.stretch, until: now };
    const seconds = (until - stretch.since) / 1000;
    return { seconds, rate: seconds === 0 ? 0 : stretch.classified / seconds, sketches: stretch.sketches };
  }

  private turn(now: number): void {
    if (now - this.stretch.since < recentMs) return;
    this.before = { stretch: this.stretch, until: now };
    this.stretch = newStretch(now);
  }

  private record(stage: Stage, ms: number): void {
    this.sketches[stage].record(ms);
    this.stretch.sketches[stage].record(ms);
  }
}

function newStretch(since: number): Stretch {
  return { since, classified: 0, sketches: newSketches() };
}
