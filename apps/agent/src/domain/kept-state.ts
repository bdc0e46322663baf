/** @file What the agent writes down about its variant, so that a restart goes on where it was. */
import {
  type ErrorCode,
  errorCodeSchema,
  resumeUpdateState,
  type Sha256,
  sha256Schema,
  timestampSchema,
  type UpdateError,
  type UpdateState,
  updateCodeSchema,
  variantSchema,
  wireErrorSchema,
} from '@alpharho/protocol';
import { z } from 'zod';

/** More than a device meets in its life; the oldest go. */
const maxQuarantine = 50;

export const keptStateSchema = z.object({
  v: z.literal(1),
  /** Highest desired revision accepted. */
  revision: z.number().int().nonnegative(),
  /** What the latest desired state asks for. */
  target: sha256Schema.optional(),
  /** The variant that serves after a restart, without any hub. */
  committed: variantSchema.optional(),
  /** The one before it, which serves where the committed one's file is damaged. */
  previous: variantSchema.optional(),
  outcome: z
    .object({ code: updateCodeSchema, error: wireErrorSchema.omit({ at: true }).extend({ code: errorCodeSchema }).optional() })
    .optional(),
  /**
   * A variant that runs here for the first time, and how often the process ended without a word, or the variant hung, while it did;
   * `over` where the latest trial has ended and the process lived.
   */
  trying: z.object({ sha256: sha256Schema, deaths: z.number().int().nonnegative(), over: z.literal(true).optional() }).optional(),
  /** By the hub's clock: the newest desired state's time, and until when the latest one holds. */
  seen: z.object({ issuedAt: timestampSchema, expiresAt: timestampSchema }).optional(),
  /** Variants that failed here by running, the latest first. */
  quarantine: z
    .array(z.object({ sha256: sha256Schema, code: errorCodeSchema, at: timestampSchema }))
    .max(maxQuarantine)
    .optional(),
});
export type KeptState = z.infer<typeof keptStateSchema>;
export type Quarantined = NonNullable<KeptState['quarantine']>[number];

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

/** A new key set makes good what a stolen key did, such as a desired state from the far future. */
export function forgetSeen({ seen: _, ...kept }: KeptState): KeptState {
  return kept;
}

/** The variant failed here by running: it is not tried again without leave. */
export function quarantine({ trying: _, ...kept }: KeptState, { sha256, code, at }: Quarantined): KeptState {
  const others = (kept.quarantine ?? []).filter((entry) => entry.sha256 !== sha256);
  return { ...kept, quarantine: [{ sha256, code, at }, ...others].slice(0, maxQuarantine) };
}

/** It may be tried again. */
export function pardon({ quarantine: entries = [], ...kept }: KeptState, sha256: Sha256): KeptState {
  const others = entries.filter((entry) => entry.sha256 !== sha256);
  return others.length === 0 ? kept : { ...kept, quarantine: others };
}

/** @returns why this variant is not tried here; undefined where nothing speaks against it */
export function quarantineOf({ quarantine: entries = [] }: KeptState, sha256: Sha256): UpdateError | undefined {
  const entry = entries.find((one) => one.sha256 === sha256);
  if (entry === undefined) return undefined;
  const message = `variant ${sha256.slice(0, 12)} failed on this device before (${entry.code}); it is not tried again without leave`;
  return { code: 'quarantined', message };
}

/** How often this variant has killed the process or hung. */
export function deathsOf({ trying }: KeptState, sha256: Sha256): number {
  return trying?.sha256 === sha256 ? trying.deaths : 0;
}

/** The trial under way has ended, and the process lived; what earlier ones were counted for stays. */
export function withoutTrial({ trying, ...kept }: KeptState): KeptState {
  return trying?.over === true ? { ...kept, trying } : kept;
}

/**
 * Reads the last run's end out of what it kept: a variant in trial then has killed the process, or seen it killed.
 * @returns the state with that death counted; at the last one the update is refused for good
 */
export function countDeath(kept: KeptState, at: number): KeptState {
  const { trying, ...rest } = kept;
  if (trying === undefined || trying.over === true) return kept;
  if (trying.sha256 !== kept.target) return rest;
  const deaths = trying.deaths + 1;
  if (deaths < maxDeaths) return { ...rest, trying: { ...trying, deaths } };
  const message = `the agent ended ${deaths} times while it tried variant ${trying.sha256.slice(0, 12)}: it is not tried again`;
  const code: ErrorCode = 'warmup_failed';
  return quarantine({ ...rest, outcome: { code: 'refused', error: { code, message } } }, { sha256: trying.sha256, code, at });
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
