/** @file What the agent writes down about its variant, so that a restart goes on where it was. */
import {
  errorCodeSchema,
  resumeUpdateState,
  type Sha256,
  sha256Schema,
  type UpdateState,
  updateCodeSchema,
  variantSchema,
  wireErrorSchema,
} from '@alpharho/protocol';
import { z } from 'zod';

export const keptStateSchema = z.object({
  v: z.literal(1),
  /** Highest desired revision accepted. */
  revision: z.number().int().nonnegative(),
  /** What the latest desired state asks for. */
  target: sha256Schema.optional(),
  /** The variant that serves after a restart, without any hub. */
  committed: variantSchema.optional(),
  outcome: z
    .object({ code: updateCodeSchema, error: wireErrorSchema.omit({ at: true }).extend({ code: errorCodeSchema }).optional() })
    .optional(),
  /** A variant that runs here for the first time, and how often the process ended without a word while it did. */
  trying: z.object({ sha256: sha256Schema, deaths: z.number().int().nonnegative() }).optional(),
});
export type KeptState = z.infer<typeof keptStateSchema>;

/** A variant is given up after the process died this often while trying it: once may be a power cut, three times is the variant. */
export const maxDeaths = 3;

export const nothingKept: KeptState = { v: 1, revision: 0 };

/** What of the machine's state is written down. */
export function keep(kept: KeptState, update: UpdateState): KeptState {
  const { target: _target, outcome: _outcome, ...rest } = kept;
  return {
    ...rest,
    revision: update.revision,
    ...(update.target !== undefined && { target: update.target }),
    ...(update.outcome !== undefined && { outcome: update.outcome }),
  };
}

/**
 * Reads the last run's end out of what it kept: a variant in trial then has killed the process, or seen it killed.
 * @returns the state with that death counted; at the last one the update is refused for good
 */
export function countDeath(kept: KeptState): KeptState {
  const { trying, ...rest } = kept;
  if (trying === undefined) return kept;
  if (trying.sha256 !== kept.target) return rest;
  const deaths = trying.deaths + 1;
  if (deaths < maxDeaths) return { ...rest, trying: { ...trying, deaths } };
  const message = `the agent ended ${deaths} times while it tried variant ${trying.sha256.slice(0, 12)}: it is not tried again`;
  return { ...rest, outcome: { code: 'refused', error: { code: 'warmup_failed', message } } };
}

/** Where updates go on after a restart, given what serves now. */
export function resume({ revision, target, outcome }: KeptState, serving: Sha256 | undefined): UpdateState {
  return resumeUpdateState({
    revision,
    ...(target !== undefined && { target }),
    ...(outcome !== undefined && { outcome: { code: outcome.code, ...(outcome.error !== undefined && { error: outcome.error }) } }),
    ...(serving !== undefined && { committed: serving }),
  });
}
