/** @file What is wrong just now, by part: a fault is told when it begins and forgotten when it ends. */
import type { AlpharhoError, ErrorCode, WireError } from '@alpharho/protocol';

/** The parts that can be at fault, one fault each. */
export type ConditionKey = 'camera' | 'picture' | 'classifier' | 'outbox' | 'journal' | 'desired' | 'keys' | 'update' | 'link';

/** wireErrorSchema's limit. */
const maxMessage = 500;

/** INVARIANT: in the order in which they began. */
export class Conditions {
  private readonly active = new Map<ConditionKey, WireError>();

  /** @returns true where this is news: another code or message than before. */
  raise(key: ConditionKey, error: { readonly code: ErrorCode; readonly message: string }, at: number): boolean {
    const known = this.active.get(key);
    const message = error.message.slice(0, maxMessage);
    if (known?.code === error.code && known.message === message) return false;
    this.active.delete(key);
    this.active.set(key, { code: error.code, message, at });
    return true;
  }

  /** @returns true where there was something to clear. */
  clear(key: ConditionKey): boolean {
    return this.active.delete(key);
  }

  /** All that hold now. */
  get all(): ReadonlyMap<ConditionKey, WireError> {
    return this.active;
  }

  /** What is wrong with this part. */
  of(key: ConditionKey): WireError | undefined {
    return this.active.get(key);
  }

  /** The fault that began last, of those that still hold. */
  get latest(): WireError | undefined {
    return [...this.active.values()].at(-1);
  }
}

export type Fault = Pick<AlpharhoError, 'code' | 'message'>;
