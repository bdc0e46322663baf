/** @file What the planner knows, what it is asked for, and what it answers. Pure. */

/** A variant that could be given to devices. */
export type Candidate = {
  id: string;
  name: string;
  /** Names the list of labels; variants with different ones answer different questions. */
  labels: string;
  /** Percent; null where nobody measured it. */
  top1: number | null;
  accuracySource: string | null;
  bytes: number;
};

/** A variant as devices of one hardware class ran it. */
export type Figures = {
  variant: string;
  hardwareClass: string;
  /** Milliseconds, with a 95 % interval, from so many frames and devices. */
  p95: { value: number; low: number; high: number; frames: number; devices: number };
  /** Frames a second; null where it was never measured. */
  frameRate: number | null;
  /** Of the agent's process; null where it was never measured. */
  memoryBytes: number | null;
};

export type BoardClass = {
  hardwareClass: string;
  devices: number;
  /** What most of them serve; null where none serves anything. */
  serves: string | null;
  /** Labels of what they serve; null where any will do. */
  labels: string | null;
};

export type Limits = { p95Ms?: number | undefined; frameRate?: number | undefined; memoryBytes?: number | undefined };

/** The most accurate variant within limits, or the fastest one that is accurate enough (percent top-1) within them. */
export type Goal = { best: 'accuracy'; limits: Limits } | { best: 'latency'; minTop1: number; limits: Limits };

/** Why a variant is not for a class. */
export type Obstacle =
  | 'otherLabels'
  | 'unmeasured'
  | 'accuracyUnknown'
  | 'frameRateUnknown'
  | 'memoryUnknown'
  | 'accuracy'
  | 'p95'
  /** The interval reaches over the limit: more frames would tell. */
  | 'p95Unsure'
  | 'frameRate'
  | 'memory';

export type Choice = { variant: Candidate; figures: Figures };

export type ClassPlan = {
  hardwareClass: string;
  devices: number;
  now: { variant: Candidate | null; figures: Figures | null };
  /** Null where no variant meets the goal: these devices keep what they have. */
  choice: Choice | null;
  /** Whether anything changes. */
  changes: boolean;
  /** Measured, and closest to the goal, where none meets it. */
  nearest: (Choice & { obstacles: Obstacle[] }) | null;
  /** Every other variant and what stands against it; empty for those that would do but are not the best. */
  others: { variant: string; obstacles: Obstacle[] }[];
  /** One sentence. */
  reason: string;
};

export type Plan = {
  classes: ClassPlan[];
  /** Hardware class → variant, as a rollout takes it: the classes in which something changes. */
  variants: Record<string, string>;
  /** Classes in which the goal cannot be met. */
  blocking: string[];
};
