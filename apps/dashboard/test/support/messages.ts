/** @file Messages as an agent sends them. */
import type { DeviceEvent, Presence, Reported, Results, Telemetry, Variant } from '@alpharho/protocol';

export const session = 'session-a';
export const variantId = 'a'.repeat(64);

export function presence(fields: Partial<Presence> = {}): Presence {
  return {
    v: 1,
    session,
    state: 'online',
    at: Date.now(),
    agent: { version: '0.1.0', camera: 'synthetic', hardware: { model: 'Test board', arch: 'arm64', cores: 4, memoryBytes: 4e9 } },
    ...fields,
  };
}

export function lastWill(fields: Partial<Presence> = {}): Presence {
  return { v: 1, session, state: 'offline', at: Date.now(), reason: 'lost', ...fields };
}

export function variant(fields: Partial<Variant> = {}): Variant {
  return {
    sha256: variantId,
    bytes: 1000,
    family: 'v1',
    alpha: 0.5,
    rho: 160,
    precision: 'float32',
    classes: 6,
    weights: 'random',
    ...fields,
  };
}

export function reported(fields: Partial<Reported> = {}): Reported {
  const at = Date.now();
  return { v: 1, session, at, serving: variant(), servingSince: at, revision: 0, phase: 'idle', phaseSince: at, ...fields };
}

type Batch = { session?: string; from?: number; count?: number; label?: string; offsetMs?: number };

/** Results `from` to `from + count - 1`, ten a second, the last one now, by a clock that is `offsetMs` ahead. */
export function results({ session: of = session, from = 1, count = 1, label = 'bottle', offsetMs = 0 }: Batch = {}): Results {
  const now = Date.now() + offsetMs;
  return {
    v: 1,
    session: of,
    sentAt: now,
    variants: [variantId],
    results: Array.from({ length: count }, (_, index) => ({
      seq: from + index,
      frame: 2 * (from + index),
      at: now - 100 * (count - 1 - index),
      variant: 0,
      ms: 4.5,
      top: [
        { class: 3, label, probability: 0.75 },
        { class: 1, label: 'can', probability: 0.25 },
      ],
    })),
  };
}

export function telemetry(fields: Partial<Telemetry> = {}): Telemetry {
  const end = Date.now();
  return {
    v: 1,
    session,
    seq: 1,
    sentAt: end,
    start: end - 10_000,
    end,
    variant: variantId,
    frames: { captured: 100, classified: 90, dropped: 10 },
    latency: { total: { sum: 450, min: 5, max: 5, first: 81, bins: [90] } },
    system: { outbox: 3, memoryBytes: 9e7, temperature: 51.5, diskFreeBytes: 1e10 },
    ...fields,
  };
}

/** The smallest file that calls itself a JPEG. */
export const picture = { type: 'image/jpeg' as const, width: 4, height: 4, data: '/9j/2Q==' };

export function event(fields: Partial<DeviceEvent> = {}): DeviceEvent {
  const at = Date.now();
  return {
    v: 1,
    stream: 'events',
    session,
    seq: 1,
    sentAt: at,
    at,
    id: 'camera.lost',
    level: 'warning',
    message: 'camera: no frames for 10 s',
    ...fields,
  };
}
