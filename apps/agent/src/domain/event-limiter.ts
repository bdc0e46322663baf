/** @file How often something may be told: a fault that comes and goes must not flood the outbox and the hub. */
import type { EventId } from '@alpharho/protocol';

/** `burst` at once, then one every `refillMs`. */
export type EventRate = { readonly burst: number; readonly refillMs: number };

const usual: EventRate = { burst: 10, refillMs: 30_000 };
const rates: Partial<Record<EventId, EventRate>> = {
  'result.changed': { burst: 10, refillMs: 1000 },
  'log.warning': { burst: 20, refillMs: 60_000 },
  'log.error': { burst: 20, refillMs: 60_000 },
};

/** They are few by their nature, and none may be missing. */
const unlimited: ReadonlySet<EventId> = new Set(['update.phase', 'events.omitted']);

type Bucket = { tokens: number; at: number };

/** One bucket of tokens for each id. INVARIANT: let through + omitted = asked for, by id. */
export class EventLimiter {
  private readonly buckets = new Map<EventId, Bucket>();
  private omitted = new Map<EventId, number>();

  /** @param now milliseconds that never jump. @returns whether it may be told; what may not is counted */
  allows(id: EventId, now: number): boolean {
    if (unlimited.has(id)) return true;
    const bucket = this.filled(id, now);
    if (bucket.tokens < 1) {
      this.omitted.set(id, (this.omitted.get(id) ?? 0) + 1);
      return false;
    }
    bucket.tokens -= 1;
    return true;
  }

  private filled(id: EventId, now: number): Bucket {
    const { burst, refillMs } = rates[id] ?? usual;
    const bucket = this.buckets.get(id) ?? { tokens: burst, at: now };
    this.buckets.set(id, bucket);
    bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.at) / refillMs);
    bucket.at = now;
    return bucket;
  }

  /** What was left out since the last call, by id; undefined where nothing was. */
  takeOmitted(): Record<string, number> | undefined {
    if (this.omitted.size === 0) return undefined;
    const omitted = Object.fromEntries(this.omitted);
    this.omitted = new Map();
    return omitted;
  }
}
