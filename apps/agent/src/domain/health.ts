/** @file Whether the agent lives, and whether it does its work: a pure judgement of facts. */
import type { ConditionKey } from './conditions.ts';

export const checkNames = ['camera', 'classifier', 'hub', 'outbox', 'disk'] as const;
export type CheckName = (typeof checkNames)[number];
export type Check = { readonly name: CheckName; readonly ok: boolean; readonly reason?: string };

export type Health = {
  /** The loops turn. Only a restart helps where they do not; no camera, hub or disk can do this. */
  readonly live: boolean;
  /** Frames are classified, and their results reach the hub or wait for it in safety. */
  readonly ready: boolean;
  readonly checks: readonly Check[];
};

export type HealthFacts = {
  /** What is wrong just now, in words. */
  readonly faults: ReadonlyMap<ConditionKey, { readonly message: string }>;
  readonly serves: boolean;
  readonly connected: boolean;
  /** Since the latest frame; since the start where none came yet. */
  readonly frameAgeMs: number;
  readonly stuckMs: number;
  /** No frame for this long is a fault. */
  readonly patienceMs: number;
  readonly diskFreeBytes: number | undefined;
};

/** What an update needs to download the largest MobileNet, and the outbox to go on meanwhile. */
const minDiskFree = 50e6;
/** The classifier's own watch takes a frame of half this for a hang and starts another one. */
const stuckLimitMs = 60_000;

/** One check for each part, and what follows from them. */
export function judgeHealth(facts: HealthFacts): Health {
  const reasons: Record<CheckName, string | undefined> = {
    camera: cameraReason(facts),
    classifier: classifierReason(facts),
    hub: facts.connected ? undefined : 'not connected; results wait in the outbox',
    outbox: (facts.faults.get('outbox') ?? facts.faults.get('journal'))?.message,
    disk: diskReason(facts.diskFreeBytes),
  };
  const checks = checkNames.map((name): Check => {
    const reason = reasons[name];
    return { name, ok: reason === undefined, ...(reason !== undefined && { reason }) };
  });
  return { live: isLive(facts), ready: checks.every(({ ok }) => ok), checks };
}

/** A camera or classifier whose fault is known is being tried again; silence without a fault is a hang of ours. */
function isLive({ faults, serves, frameAgeMs, stuckMs, patienceMs }: HealthFacts): boolean {
  if (stuckMs > stuckLimitMs) return false;
  return !serves || faults.has('camera') || faults.has('classifier') || frameAgeMs <= 2 * patienceMs;
}

function cameraReason({ faults, serves, frameAgeMs, patienceMs }: HealthFacts): string | undefined {
  const fault = faults.get('camera');
  if (fault !== undefined) return fault.message;
  // Without a variant nobody asks the camera for frames.
  return serves && frameAgeMs > patienceMs ? `no frame for ${Math.round(frameAgeMs / 1000)} s` : undefined;
}

function classifierReason({ faults, serves, stuckMs }: HealthFacts): string | undefined {
  const fault = faults.get('classifier');
  if (fault !== undefined) return fault.message;
  if (!serves) return 'no variant yet: waiting for the hub to desire one';
  return stuckMs > stuckLimitMs / 2 ? `a frame has waited for ${Math.round(stuckMs / 1000)} s` : undefined;
}

function diskReason(free: number | undefined): string | undefined {
  return free !== undefined && free < minDiskFree ? `only ${Math.floor(free / 1e6)} MB are free` : undefined;
}
