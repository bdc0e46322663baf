/** @file What the engine needs of a rollout's spec. */
import { type MaintenanceWindow, type RolloutRules, type RolloutSpec, rolloutRulesOf } from '@alpharho/protocol';

export type Terms = {
  readonly rules: RolloutRules;
  readonly phases: readonly { readonly soak: number; readonly concurrency: number; readonly perMinute?: number | undefined }[];
  readonly failuresAllowed: number;
  /** For how long gates that cannot tell are judged again. */
  readonly inconclusiveWait: number;
  readonly deadlines: RolloutSpec['deadlines'];
  readonly retries: RolloutSpec['retries'];
  readonly windows: readonly MaintenanceWindow[];
  readonly notBefore: number | undefined;
};

export function termsOf(spec: RolloutSpec): Terms {
  return {
    rules: rolloutRulesOf(spec),
    phases: spec.phases,
    failuresAllowed: spec.gates.failuresAllowed,
    inconclusiveWait: spec.onInconclusive.wait,
    deadlines: spec.deadlines,
    retries: spec.retries,
    windows: spec.schedule.windows,
    notBefore: spec.schedule.notBefore,
  };
}
