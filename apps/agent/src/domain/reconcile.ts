/** @file What a desired state asks of this device, given what it is: a pure decision. */

import type { VariantInfo } from '@alpharho/mobilenet-core';
import type { DevicePolicy, ErrorCode, ManifestBody, UpdateError, UpdatePhase } from '@alpharho/protocol';
import { AlpharhoError, isResting, reduce, type UpdateCode, type UpdateState, updatePolicyOf } from '@alpharho/protocol';
import type { Wanted } from './desired-door.ts';

export type Decision =
  /** Numbered lower than one already seen, or older than it under the same number. */
  | { readonly kind: 'stale'; readonly why: string }
  /** Already known: under way, done, or given up. Its terms may be others now. */
  | { readonly kind: 'known' }
  /** The wanted variant is the committed one: nothing to do but stop whatever else was under way. */
  | { readonly kind: 'satisfied'; readonly state: UpdateState }
  /** It is not even tried. */
  | { readonly kind: 'refused'; readonly state: UpdateState }
  /** What is under way is what is wanted; only the number is new. */
  | { readonly kind: 'adopted'; readonly state: UpdateState }
  /** Work to do, in place of whatever was under way. */
  | { readonly kind: 'start'; readonly state: UpdateState };

/** What decides, of a desired state. */
export type Asked = Pick<Wanted, 'revision' | 'issuedAt' | 'policy'> & { readonly manifest: Pick<ManifestBody, 'variant'> };

/**
 * @param latestAt when the latest desired state was issued
 * @param refused why the variant is not tried here, if anything speaks against it
 */
export function decide(state: UpdateState, asked: Asked, latestAt: number | undefined, refused: UpdateError | undefined): Decision {
  const { revision, policy } = asked;
  const { sha256 } = asked.manifest.variant;
  const why = staleness(state, asked, latestAt);
  if (why !== undefined) return { kind: 'stale', why };
  const event = { type: 'desired', revision, sha256, ...(refused !== undefined && { refused }) } as const;
  const next = reduce(state, event, updatePolicyOf(policy));
  if (next === state) return { kind: 'known' };
  if (next.phase === 'committed') return { kind: 'satisfied', state: next };
  if (next.target === state.target && !isResting(state.phase)) return { kind: 'adopted', state: next };
  return { kind: isResting(next.phase) ? 'refused' : 'start', state: next };
}

/** Whoever sends an old one again must not turn the device back. */
function staleness(state: UpdateState, { revision, issuedAt, manifest }: Asked, latestAt: number | undefined): string | undefined {
  if (revision < state.revision) return `desired state ${revision} is older than ${state.revision}, which was seen already: it is ignored`;
  if (revision > state.revision) return undefined;
  if (state.target !== undefined && manifest.variant.sha256 !== state.target) {
    return `desired state ${revision} was for another variant when it was seen first: it is ignored`;
  }
  if (latestAt === undefined || issuedAt >= latestAt) return undefined;
  return `desired state ${revision} was seen in a newer copy already: the older one is ignored`;
}

/** Fields in which a file must be what its manifest says. `sha256` and `bytes` are checked before it is opened. */
const comparedFields = ['family', 'alpha', 'rho', 'precision', 'classes', 'weights'] as const;

/** @param labels digest of the file's own label list @returns what differs, in words; undefined where the file is what was promised. */
export function contradiction(manifest: ManifestBody, found: VariantInfo, labels: string): string | undefined {
  const { variant, rhos = [variant.rho] } = manifest;
  const field = comparedFields.find((name) => variant[name] !== found[name]);
  if (field !== undefined) return `the file says ${field} ${found[field]}, its manifest says ${variant[field]}`;
  if (rhos.join() !== found.rhos.join()) return `the file serves ρ ${found.rhos.join(', ')}, its manifest says ${rhos.join(', ')}`;
  return labels === manifest.labels ? undefined : 'the labels in the file are not those of its manifest';
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
  'golden_mismatch',
  'shadow_slow',
  'shadow_disagrees',
  'shadow_memory',
  'shadow_failed',
]);

/** Whether an update that failed before it changed anything is worth another try. */
export function failureCode(code: ErrorCode): Extract<UpdateCode, 'refused' | 'failed_no_change'> {
  return final.has(code) ? 'refused' : 'failed_no_change';
}

/** Failures that the variant itself brought about by running here. */
const byRunning: ReadonlySet<ErrorCode> = new Set([
  'warmup_failed',
  'golden_mismatch',
  'shadow_slow',
  'shadow_disagrees',
  'shadow_memory',
  'shadow_failed',
  'probation_failed',
]);

/** Whether an update's end keeps its variant from being tried again. */
export function isQuarantined(code: ErrorCode): boolean {
  return byRunning.has(code);
}

/** A variant that hung as it was warmed up is counted like one that killed the process: once may be the board's fault. */
export function isHang(phase: UpdatePhase, code: ErrorCode): boolean {
  return code === 'step_timeout' && phase === 'warming';
}

/** How long a phase may take; a download, how long it may show no progress. */
export function limitOf(phase: UpdatePhase, { step, shadow, probation }: DevicePolicy): number {
  if (phase === 'shadowing') return shadow.withinMs;
  return phase === 'probation' ? probation.withinMs : step.ms;
}

/** What an update is told whose phase has run out of time. @param proven only the hub's word is missing */
export function overdue(phase: UpdatePhase, ms: number, proven: boolean): AlpharhoError {
  const seconds = Math.round(ms / 1000);
  if (proven) return new AlpharhoError('probation_unconfirmed', `the hub's word did not come within ${seconds} s`);
  const what = phase === 'downloading' ? 'the download showed no progress' : `${phase} was not over`;
  return new AlpharhoError('step_timeout', `${what} after ${seconds} s`);
}
