/** @file What the gates of a rollout are told and what they answer. Times are milliseconds by the hub's clock. Pure. */
import type { Sketch } from '@alpharho/protocol';

/** Telemetry of one device over any stretch of time in which nothing about it changed: a window as sent, or several of them merged. */
export type GateWindow = {
  device: string;
  /** SHA-256 of the variant that served. */
  variant: string;
  /** Where the governor stood; null where the variant has one resolution, or where every frame is let through. */
  rho: number | null;
  rate: number | null;
  throttled: boolean;
  start: number;
  end: number;
  captured: number;
  classified: number;
  dropped: number;
  /** Frames that inference failed on; null where the agent does not say. */
  failed: number | null;
  /** Of the total latency. */
  latency: Sketch;
  /** Of every classified frame; null where the agent does not say. */
  answers: Answers | null;
};

export type Answers = {
  n: number;
  confidence: { sum: number; squares: number };
  classes: [number, number][];
};

/** A device that serves the new variant by this rollout. */
export type TreatedDevice = {
  device: string;
  hardwareClass: string;
  /** SHA-256 of the new variant. */
  variant: string;
  /** When it was told: from then on it downloads and shadows, so that its own hours before end here. */
  toldAt: number;
  switchedAt: number;
};

/** A device that was told nothing. */
export type ControlDevice = { device: string; hardwareClass: string };

/** What a treated device found when it ran both variants on the same frames. */
export type ShadowReport = { device: string; hardwareClass: string; at: number; frames: number; agreement: number | null };

/** Limits; one that is absent is not judged. */
export type Gates = {
  /** The newest stretch that is judged, milliseconds. */
  window: number;
  /** A device's own hours before, milliseconds. */
  baseline: number;
  /** Frames of a hardware class without which nothing is judged. */
  minFrames: number;
  latencyP95: { maxMs?: number | undefined; maxRatioToBaseline?: number | undefined; maxRatioToControl?: number | undefined };
  frameRate: { minRatioToBaseline?: number | undefined; minRatioToControl?: number | undefined };
  errorRate: { max?: number | undefined };
  agreement: { min?: number | undefined };
  confidenceShift: { max?: number | undefined };
  classMixShift: { max?: number | undefined };
};

export type GateInput = {
  now: number;
  treated: TreatedDevice[];
  control: ControlDevice[];
  windows: GateWindow[];
  shadows: ShadowReport[];
  gates: Gates;
};

export const metrics = ['latencyP95', 'frameRate', 'errorRate', 'agreement', 'confidenceShift', 'classMixShift'] as const;
export type Metric = (typeof metrics)[number];

/** `limit`: an absolute one; `baseline`: the device's own hours before; `control`: untouched devices of the same hardware, at the same time. */
export type Against = 'limit' | 'baseline' | 'control';

export type Outcome = 'pass' | 'fail' | 'inconclusive';

/**
 * One line of the gate. `baseline` and `value` are in the metric's own unit (milliseconds, frames a second, a share of 1).
 * `change`, `low`, `high` and `threshold` share one scale: milliseconds or a share for an absolute limit, a relative change (0.04 is +4 %)
 * of latency and frame rate against baseline or control, a difference of shares for the rest.
 */
export type Verdict = {
  metric: Metric;
  against: Against;
  hardwareClass: string;
  from: number;
  to: number;
  /** Frames that were judged. */
  n: number;
  /** Treated devices that were judged, and those that they were compared with. */
  devices: number;
  controls: number;
  baseline: number | null;
  value: number | null;
  change: number | null;
  threshold: number;
  /** 95 % interval of `change`, over all looks at this gate together. */
  low: number | null;
  high: number | null;
  verdict: Outcome;
  /** One sentence. */
  reason: string;
};
