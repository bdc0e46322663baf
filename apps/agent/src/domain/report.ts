/** @file The `reported` message, and when it is worth sending again. */
import { maxReportedQuarantine, type Reported, type UpdateState, type Variant, type WireError } from '@alpharho/protocol';
import type { Quarantined } from './kept-state.ts';

export type ReportFacts = {
  readonly session: string;
  readonly serving: Variant;
  readonly servingSince: number;
  readonly update: UpdateState;
  readonly phaseSince: number;
  readonly lastError: WireError | undefined;
  readonly inference: Reported['inference'];
  readonly governor?: Reported['governor'] | undefined;
  readonly shadow?: Reported['shadow'] | undefined;
  readonly held?: boolean;
  readonly keysVersion?: number | undefined;
  /** The latest first. */
  readonly quarantine?: readonly Quarantined[] | undefined;
};

export function buildReported(facts: ReportFacts, at: number): Reported {
  const { update } = facts;
  return {
    v: 1,
    session: facts.session,
    at,
    serving: facts.serving,
    servingSince: facts.servingSince,
    revision: update.revision,
    phase: update.phase,
    phaseSince: facts.phaseSince,
    ...(update.progress !== undefined && { progress: update.progress }),
    ...(update.outcome !== undefined && { outcome: update.outcome.code }),
    ...(facts.lastError !== undefined && { lastError: facts.lastError }),
    ...(facts.inference !== undefined && { inference: facts.inference }),
    ...(facts.governor !== undefined && { governor: facts.governor }),
    ...(facts.shadow !== undefined && { shadow: facts.shadow }),
    ...(facts.held === true && { held: true }),
    ...(facts.keysVersion !== undefined && { keys: { version: facts.keysVersion } }),
    ...(facts.quarantine !== undefined && { quarantined: facts.quarantine.slice(0, maxReportedQuarantine) }),
  };
}

export type ReportChange = 'none' | 'progress' | 'state';

/** `progress` where only the percentage or the figures of shadowing moved: that may wait a second. `at` alone is no change. */
export function compareReports(before: Reported | undefined, after: Reported): ReportChange {
  if (before === undefined) return 'state';
  if (essence(before) !== essence(after)) return 'state';
  return before.progress === after.progress && before.shadow?.frames === after.shadow?.frames ? 'none' : 'progress';
}

function essence({ at: _at, progress: _progress, shadow: _shadow, ...rest }: Reported): string {
  return JSON.stringify(rest);
}
