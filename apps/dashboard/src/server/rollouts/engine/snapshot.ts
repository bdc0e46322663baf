/** @file What the engine looks at: a rollout with its devices as they are written down, and the devices as the hub knows them. Times in milliseconds by the hub's clock. */
import type { RolloutProgress, UpdateCode, UpdatePhase } from '@alpharho/protocol';

export type Failure = { readonly code: string; readonly message: string; readonly at: number | null };

/** A device as it last spoke, and what it is to be. */
export type DeviceNow = {
  readonly online: boolean;
  readonly serving: string | null;
  readonly servingSince: number | null;
  readonly phase: UpdatePhase;
  readonly progress: number | null;
  readonly outcome: UpdateCode | null;
  readonly failure: Failure | null;
  readonly seenRevision: number;
  /** It waits, staged, since it was asked to hold. */
  readonly held: boolean;
  /** JSON, as reported. */
  readonly shadow: string | null;
  readonly desiredId: string | null;
  readonly desiredRevision: number;
  readonly desiredHold: boolean;
};

/** What the engine notes of a device in this rollout, beside its state. */
export type Track = {
  readonly position: number;
  readonly hardwareClass: string | null;
  readonly late: boolean;
  readonly stateAt: number;
  readonly note: string | null;
  /** The desired revision by which this rollout told it last. */
  readonly revision: number | null;
  readonly toldAt: number | null;
  /** From when its deadline counts. Null while it is to be told the way back and was not yet. */
  readonly clockAt: number | null;
  readonly switchedAt: number | null;
  readonly committedAt: number | null;
  readonly shadow: string | null;
  readonly step: string | null;
  readonly stepAt: number | null;
  /** How often it was told. */
  readonly attempts: number;
  readonly retryAt: number | null;
  readonly outcome: UpdateCode | null;
  readonly failure: Failure | null;
};

export type Times = {
  /** Since when the rollout is in its state. */
  readonly stateAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly phaseAt: number | null;
  readonly soakAt: number | null;
  /** When the gates are judged next; null: as soon as there is something to judge. */
  readonly judgeAt: number | null;
  /** For how long this phase was paused. */
  readonly pausedMs: number;
};

export type Snapshot = {
  readonly progress: RolloutProgress;
  readonly times: Times;
  readonly tracks: Readonly<Record<string, Track>>;
  readonly now: Readonly<Record<string, DeviceNow>>;
};

/** One that is in the targets and not in the rollout. */
export type Newcomer = { readonly id: string; readonly variant: string; readonly hardwareClass: string | null };

/** What the gates said just now. */
export type GateWord = { readonly outcome: 'pass' | 'fail' | 'inconclusive'; readonly why: string };

/** A device's desired state is to change. It does where its revision is still the expected one. */
export type Intent = {
  readonly device: string;
  readonly expectedRevision: number;
  readonly variant: string;
  /** The same as expected where only the hold moves. */
  readonly revision: number;
  readonly hold: boolean;
  /** Forward with the rollout's own policy; back with as little ado as may be, and whatever happened to it there. */
  readonly way: 'forward' | 'back';
  readonly pardon: boolean;
};

export type Story = {
  readonly kind: string;
  readonly level: 'info' | 'warning' | 'error';
  readonly message: string;
  readonly device?: string;
  readonly data?: object;
};

export type Decision = {
  /** As the snapshot, with what changed; what did not is the same object. */
  readonly after: Snapshot;
  readonly joined: readonly string[];
  readonly intents: readonly Intent[];
  readonly stories: readonly Story[];
  /** The gates are to be judged now. */
  readonly judge: boolean;
  /** When to look again where nothing is heard before; undefined where only a word can change anything. */
  readonly wakeAt: number | undefined;
};
