/** @file Windows of latency and counters: ten seconds each, cut early where the variant, its ρ or the rate changes. */
import type { Sha256, Sketch, Telemetry } from '@alpharho/protocol';
import { AnswerCounts } from '../domain/answer-counts.ts';
import { type Cancel, type Clock, every } from '../domain/clock.ts';
import type { FrameResult } from '../domain/frames.ts';
import type { System, SystemFacts } from '../domain/ports.ts';
import { newSketches, type Stage, type StageSketches, stages } from '../domain/stage-sketches.ts';

const windowMs = 10_000;

export type TelemetryOptions = {
  readonly session: string;
  readonly system: System;
  readonly clock: Clock;
  readonly outbox: () => Pick<Telemetry['system'], 'outbox' | 'outboxBytes' | 'dropped'>;
  /** Frames a second that are let through; undefined: all. */
  readonly rate: () => number | undefined;
  /** Takes a finished window. @param build makes its body from its sequence number */
  readonly onWindow: (build: (seq: number) => string) => void;
};

/** What a window is about. */
type Served = { readonly variant: Sha256; readonly rho?: number | undefined; readonly rate?: number | undefined };

type Window = Served & {
  readonly start: number;
  readonly frames: { captured: number; classified: number; dropped: number; published: number; failed: number };
  readonly sketches: StageSketches;
  readonly answers: AnswerCounts;
};

/** INVARIANT: a window holds results of one variant at one ρ and rate; windows follow each other without a gap while something serves. */
export class TelemetryWindows {
  private readonly options: TelemetryOptions;
  private window: Window | undefined;
  private facts: SystemFacts | undefined;
  private cancelTimer: Cancel | undefined;

  constructor(options: TelemetryOptions) {
    this.options = options;
  }

  async start(): Promise<void> {
    await this.refresh();
    this.cancelTimer = every(this.options.clock, windowMs, () => {
      this.close();
      void this.refresh();
    });
  }

  /** Ends the last window early. */
  stop(): void {
    this.cancelTimer?.();
    this.close();
    this.window = undefined;
  }

  /** The first variant serves: windows begin. Later ones are told by their results, which come in order. */
  begin(variant: Sha256, rho?: number): void {
    if (this.window === undefined) this.serve({ variant, rho });
  }

  /** From now on windows are about this. The same once more changes nothing. */
  private serve({ variant, rho }: Served): void {
    const { window } = this;
    const rate = this.options.rate();
    if (window?.variant === variant && window.rho === rho && window.rate === rate) return;
    this.close();
    // It begins where the one before ended, however long that took to write down.
    this.window = openWindow({ variant, rho, rate }, this.window?.start ?? this.options.clock.now());
  }

  captured(captureMs: number): void {
    if (this.window === undefined) return;
    this.window.frames.captured += 1;
    this.window.sketches.capture.record(captureMs);
  }

  /** A frame came and was dropped before it was made: how long that would have taken nobody knows. */
  skipped(): void {
    if (this.window !== undefined) this.window.frames.captured += 1;
    this.dropped();
  }

  dropped(): void {
    if (this.window !== undefined) this.window.frames.dropped += 1;
  }

  /** Its classification ended in an error. */
  failed(): void {
    if (this.window !== undefined) this.window.frames.failed += 1;
  }

  classified(result: FrameResult): void {
    this.serve(result);
    const { window } = this;
    if (window === undefined) return;
    window.frames.classified += 1;
    window.sketches.total.record(result.ms);
    window.sketches.preprocess.record(result.stages.preprocess);
    window.sketches.inference.record(result.stages.inference);
    window.sketches.postprocess.record(result.stages.postprocess);
    window.answers.add(result.top);
  }

  /** A result left by the publish policy. */
  left(): void {
    if (this.window !== undefined) this.window.frames.published += 1;
  }

  published(ms: number): void {
    this.window?.sketches.publish.record(ms);
  }

  private async refresh(): Promise<void> {
    this.facts = await this.options.system.facts();
  }

  private close(): void {
    const { window, facts } = this;
    if (window === undefined || facts === undefined) return;
    const { clock, session, outbox, onWindow } = this.options;
    // A clock that was set back must not end a window before its start.
    const end = Math.max(clock.now(), window.start);
    this.window = openWindow(window, end);
    const { frames, variant, rho, rate } = window;
    if (end === window.start && frames.captured + frames.classified + frames.dropped + frames.failed === 0) return;
    const answers = window.answers.toWire();
    const draft: Omit<Telemetry, 'seq' | 'sentAt'> = {
      v: 1,
      session,
      start: window.start,
      end,
      variant,
      ...(rho !== undefined && { rho }),
      ...(rate !== undefined && { rate }),
      frames,
      ...(answers !== undefined && { answers }),
      latency: wireSketches(window.sketches),
      system: { ...outbox(), ...facts },
    };
    onWindow((seq) => JSON.stringify({ ...draft, seq }));
  }
}

function openWindow({ variant, rho, rate }: Served, start: number): Window {
  const frames = { captured: 0, classified: 0, dropped: 0, published: 0, failed: 0 };
  return { start, variant, rho, rate, frames, sketches: newSketches(), answers: new AnswerCounts() };
}

/** `total` is always there; a stage that saw nothing is left out. */
function wireSketches(sketches: StageSketches): Telemetry['latency'] {
  const seen: Partial<Record<Stage, Sketch>> = {};
  for (const stage of stages) if (sketches[stage].count > 0) seen[stage] = sketches[stage].toWire();
  return { ...seen, total: sketches.total.toWire() };
}
