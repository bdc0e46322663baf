/** @file What a desired state asks of this device, given what it is: a pure decision. */

import type { ErrorCode } from '@alpharho/protocol';
import { type Desired, isResting, reduce, type UpdateCode, type UpdatePolicy, type UpdateState, type Variant } from '@alpharho/protocol';

/** This agent compares no shadows: a variant goes from warm-up straight to the switch and its probation. */
export const updatePolicy: UpdatePolicy = { shadowFrames: 0, probationFrames: 10 };

export type Decision =
  /** Numbered lower than one already seen. */
  | { readonly kind: 'stale' }
  /** Already known: under way, done, or given up. */
  | { readonly kind: 'known' }
  /** The wanted variant is the committed one: nothing to do but stop whatever else was under way. */
  | { readonly kind: 'satisfied'; readonly state: UpdateState }
  /** What is under way is what is wanted; only the number is new. */
  | { readonly kind: 'adopted'; readonly state: UpdateState }
  /** Work to do, in place of whatever was under way. */
  | { readonly kind: 'start'; readonly state: UpdateState };

export function decide(state: UpdateState, desired: Pick<Desired, 'revision' | 'variant'>): Decision {
  const next = reduce(state, { type: 'desired', revision: desired.revision, sha256: desired.variant.sha256 }, updatePolicy);
  if (next === state) return { kind: desired.revision < state.revision ? 'stale' : 'known' };
  if (next.phase === 'committed') return { kind: 'satisfied', state: next };
  if (next.target === state.target && !isResting(state.phase)) return { kind: 'adopted', state: next };
  return { kind: 'start', state: next };
}

/** Fields in which a file must be what the desired state says. `sha256` and `bytes` are checked before it is opened. */
const comparedFields = ['family', 'alpha', 'rho', 'precision', 'classes', 'weights'] as const satisfies readonly (keyof Variant)[];

/** @returns what differs, in words; undefined where the file is what was promised. */
export function contradiction(promised: Variant, found: Variant): string | undefined {
  const field = comparedFields.find((name) => promised[name] !== found[name]);
  if (field === undefined) return undefined;
  return `the file says ${field} ${found[field]}, the desired state says ${promised[field]}`;
}

/** Failures that the same bytes on the same device would bring again. */
const final: ReadonlySet<ErrorCode> = new Set([
  'digest_mismatch',
  'length_mismatch',
  'model_corrupt',
  'model_not_variant',
  'model_unsupported_operator',
  'variant_mismatch',
  'warmup_failed',
]);

/** Whether an update that failed before it changed anything is worth another try. */
export function failureCode(code: ErrorCode): Extract<UpdateCode, 'refused' | 'failed_no_change'> {
  return final.has(code) ? 'refused' : 'failed_no_change';
}
