/** @file A device as pages pass it around: times in milliseconds, variants named. Plain data, safe to send to the browser. */
import type { ConnectivityFacts, UpdateFacts } from './status.ts';
import type { VariantFacts } from './variant-facts.ts';

/** How a device runs its variant, as reported. */
export type InferenceFacts = { provider: string; threads: number; precision: string; tuned: boolean; reason?: string };

/** Where a device's governor stands, as reported; step 0 is the full quality. */
export type GovernorFacts = { rho: number; rate?: number; step: number; of: number; reason?: string; since: number | null };

export type TopEntry = { class: number; label: string; probability: number };

/** As reported. */
export type QuarantineFacts = { sha256: string; code: string; at: number };

export type DeviceFacts = ConnectivityFacts &
  UpdateFacts & {
    id: string;
    createdAt: number;
    /** `stopped` (orderly) or `lost` (last will). */
    presenceReason: string | null;
    agentVersion: string | null;
    camera: string | null;
    boardModel: string | null;
    arch: string | null;
    cores: number | null;
    memoryBytes: number | null;
    clockOffsetMs: number;
    serving: VariantFacts | null;
    desired: VariantFacts | null;
    errorCode: string | null;
    errorMessage: string | null;
    errorAt: number | null;
    /** Latest telemetry window. */
    fps: number | null;
    p50: number | null;
    p95: number | null;
    dropRate: number | null;
    temperature: number | null;
    outbox: number | null;
    telemetryAt: number | null;
    /** What the board's firmware does to its processor; null where the board cannot tell. */
    throttled: string[] | null;
    throttledSince: number | null;
    clockSynchronised: boolean | null;
    /** `lost`, `frozen`, `black`; null where nothing is wrong with the camera. */
    cameraState: string | null;
    cameraMessage: string | null;
    cameraAt: number | null;
    inference: InferenceFacts | null;
    governor: GovernorFacts | null;
    /** It has fetched its target and waits for leave to switch. */
    held: boolean;
    /** Variants that failed here by running, and are not tried again. */
    quarantined: QuarantineFacts[];
    /** Latest result. */
    lastTop: TopEntry[];
    lastFrame: number | null;
    lastResultAt: number | null;
    lastVariantId: string | null;
  };

export type HubFacts = {
  /** Its last heartbeat; null where it never ran. */
  heartbeatAt: number | null;
  running: boolean;
};

/** Boards whose full names say more than a row can hold; the rest lose only what processors add to theirs. */
const boards: [RegExp, (match: RegExpExecArray) => string][] = [
  [/Raspberry Pi (\d+|Zero 2)/i, (match) => `Pi ${match[1]}`],
  [/Raspberry Pi Compute Module (\d+)/i, (match) => `CM${match[1]}`],
  [/Jetson (?:.*? )??((?:Orin|Xavier) (?:Nano|NX|AGX)|AGX (?:Orin|Xavier)|Nano|TX2)/i, (match) => match[1]!],
];

/** "Raspberry Pi 4 Model B Rev 1.4" → "Pi 4"; "Intel(R) Xeon(R) CPU @ 2.20GHz" → "Intel Xeon". */
export function shortBoard(model: string | null): string | null {
  if (model === null || model.trim() === '') return null;
  for (const [pattern, name] of boards) {
    const match = pattern.exec(model);
    if (match !== null) return name(match);
  }
  const bare = model
    .replace(/\((?:R|TM|C)\)/gi, '')
    .replace(/\s*@.*$/, '')
    .replace(/\b(?:CPU|Processor|\d+-Core)\b/gi, '')
    .replace(/\s+/g, ' ')
    .trim();
  return bare === '' ? model : bare;
}
