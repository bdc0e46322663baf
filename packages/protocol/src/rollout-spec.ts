/**
 * @file What an operator says of a rollout: the body of a request, and what a declared file says. Everything but the variant and the
 * targets has a default. Spans of time may be written as "15min"; they are read into milliseconds.
 */
import { z } from 'zod';
import { firstIssue } from './codec.ts';
import { devicePolicySchema } from './device-policy.ts';
import { durationSchema } from './duration.ts';
import { AlpharhoError } from './errors.ts';
import { maxHardwareClassChars } from './hardware-class.ts';
import { deviceIdSchema, sha256Schema, timestampSchema } from './ids.ts';
import type { RolloutRules } from './rollout-machine.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** A spec above this is refused before it is read, bytes of its JSON text. */
export const maxRolloutSpecBytes = 256 * 1024;
export const maxTargetIds = 2_000;
export const maxPhases = 20;

/** Stands for every hardware class that a map of variants does not name. */
export const everyOtherClass = '*';

const targetsSchema = z
  .strictObject({
    where: z.string().min(1).max(2_000).describe('A query: site=quay class="Raspberry Pi 4" -tag=lab').optional(),
    ids: z.array(deviceIdSchema).min(1).max(maxTargetIds).describe('Devices by name').optional(),
  })
  .refine(({ where, ids }) => (where === undefined) !== (ids === undefined), 'expected either where or ids')
  .refine(({ ids = [] }) => new Set(ids).size === ids.length, { path: ['ids'], message: 'expected each device once' });

const variantsSchema = z
  .record(z.string().min(1).max(maxHardwareClassChars), sha256Schema)
  .refine((map) => Object.keys(map).length >= 1 && Object.keys(map).length <= 50, 'expected 1 to 50 hardware classes')
  .describe('Hardware class → variant; "*" stands for every other class. Devices of a class without a variant are left out');

const phaseSchema = z
  .strictObject({
    count: z.number().int().min(1).max(100_000).describe('So many devices more than before').optional(),
    percent: z.number().positive().max(100).describe('Up to this share of all targets, the phases before included').optional(),
    soak: durationSchema(0, 30 * day)
      .default(15 * minute)
      .describe('How long the new variant is watched after the last device of the phase'),
    advance: z
      .enum(['automatic', 'approval'])
      .default('automatic')
      .describe('How the phase is left once its gates have passed; after the last one the rollout is completed'),
    concurrency: z.number().int().min(1).max(10_000).default(20).describe('Devices on their way at once'),
    perMinute: z.number().positive().max(100_000).describe('Devices that are told within a minute; absent: as concurrency lets').optional(),
  })
  .refine(({ count, percent }) => (count === undefined) !== (percent === undefined), 'expected either count or percent');

/** One canary, a tenth, half, all. */
const defaultPhases = [{ count: 1 }, { percent: 10 }, { percent: 50 }, { percent: 100 }];

const phasesSchema = z
  .array(phaseSchema)
  .min(1)
  .max(maxPhases)
  .superRefine((phases, context) => {
    let highest = 0;
    for (const [index, { percent }] of phases.entries()) {
      if (percent === undefined) continue;
      if (percent <= highest) {
        context.addIssue({
          code: 'custom',
          path: [index, 'percent'],
          message: `expected more than the ${highest} of a phase before: a percentage includes those`,
        });
      }
      highest = percent;
    }
  })
  .describe('The last one takes all that are left');

const ratio = z.number().positive().max(100);
const share = z.number().min(0).max(1);

const gatesSchema = z.strictObject({
  window: durationSchema(minute, 7 * day)
    .default(hour)
    .describe('The newest stretch of telemetry that is judged'),
  baseline: durationSchema(minute, 30 * day)
    .default(2 * hour)
    .describe("A device's own hours before, with which it is compared"),
  minFrames: z.number().int().min(1).max(10_000_000).default(600).describe('Frames of a hardware class without which nothing is judged'),
  latencyP95: z
    .strictObject({
      maxMs: z.number().positive().max(hour).optional(),
      maxRatioToBaseline: ratio.optional(),
      maxRatioToControl: ratio.default(1.15),
    })
    .prefault({}),
  frameRate: z.strictObject({ minRatioToBaseline: ratio.optional(), minRatioToControl: ratio.default(0.9) }).prefault({}),
  errorRate: z.strictObject({ max: share.default(0.02) }).prefault({}),
  agreement: z.strictObject({ min: share.optional() }).prefault({}).describe('Top label in shadow, the same as of the variant before'),
  confidenceShift: z.strictObject({ max: share.optional() }).prefault({}),
  classMixShift: z.strictObject({ max: share.optional() }).prefault({}),
  failuresAllowed: z
    .number()
    .int()
    .min(0)
    .max(100_000)
    .default(0)
    .describe('Devices on which the variant itself may fail; those that time out or cannot fetch it are not counted'),
});

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day like 22:30');

export const maintenanceWindowSchema = z.strictObject({
  days: z
    .array(z.enum(weekdays))
    .min(1)
    .max(7)
    .default([...weekdays])
    .describe('On which it begins'),
  from: timeOfDay,
  to: z.union([timeOfDay, z.literal('24:00')], 'expected a time of day like 04:30, or 24:00').describe('Not after `from`: on the next day'),
  timeZone: z.string().max(60).refine(isTimeZone, 'expected a time zone like Europe/Berlin').default('UTC').describe('IANA name'),
});
export type MaintenanceWindow = z.infer<typeof maintenanceWindowSchema>;

/** Names only: an offset knows no summer time. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const instant = z.union([timestampSchema, z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))], {
  error: 'expected a time like 2027-01-31T22:00:00+01:00, or milliseconds since 1970',
});

export const rolloutSpecSchema = z
  .strictObject({
    name: z.string().trim().min(1).max(80).describe('For people; in a declared file it also says which rollout is meant').optional(),
    targets: targetsSchema,
    variant: sha256Schema.optional(),
    variants: variantsSchema.optional(),
    otherLabels: z
      .boolean()
      .default(false)
      .describe('Whether devices may get a variant with other labels than theirs; if not, they are left out'),
    phases: phasesSchema.prefault(defaultPhases),
    gates: gatesSchema.prefault({}),
    onFail: z.enum(['pause', 'abort', 'roll_back']).default('roll_back'),
    onInconclusive: z
      .strictObject({
        wait: durationSchema(0, 30 * day)
          .default(hour)
          .describe('For how long gates that cannot tell are judged again before the rollout pauses'),
      })
      .prefault({}),
    deadlines: z
      .strictObject({
        device: durationSchema(minute, 30 * day)
          .default(hour)
          .describe('From when a device is told, or let go, to its end'),
        phase: durationSchema(minute, 90 * day)
          .default(day)
          .describe('From the first to the last device; then the rollout pauses'),
        step: durationSchema(1_000, 6 * hour)
          .default(5 * minute)
          .describe('For which a device may show no progress'),
      })
      .prefault({}),
    retries: z
      .strictObject({
        max: z.number().int().min(0).max(10).default(2).describe('Per device; a variant that failed by running is not tried again'),
        backoff: durationSchema(1_000, day).default(minute).describe('Before the first; twice as long before each further one'),
      })
      .prefault({}),
    rollback: z
      .strictObject({ concurrency: z.number().int().min(1).max(10_000).default(20).describe('Devices that go back at once') })
      .prefault({}),
    schedule: z
      .strictObject({
        notBefore: instant.optional(),
        windows: z
          .array(maintenanceWindowSchema)
          .max(20)
          .default([])
          .describe('Devices fetch outside of them and switch inside; none: always'),
      })
      .prefault({}),
    lateJoiners: z.enum(['include', 'ignore']).default('include').describe('Devices that match only after the start'),
    device: devicePolicySchema.omit({ step: true }).strict().prefault({}).describe('How carefully each device takes it into service'),
  })
  .refine(({ variant, variants }) => (variant === undefined) !== (variants === undefined), 'expected either variant or variants');

export type RolloutSpec = z.output<typeof rolloutSpecSchema>;
export type RolloutSpecInput = z.input<typeof rolloutSpecSchema>;
export type RolloutPhase = RolloutSpec['phases'][number];

/**
 * Reads a spec and fills in what it leaves out.
 * @throws AlpharhoError rollout_invalid, naming the place, what is wrong there and what would be right.
 */
export function parseRolloutSpec(input: unknown): RolloutSpec {
  const parsed = rolloutSpecSchema.safeParse(input);
  if (!parsed.success) throw new AlpharhoError('rollout_invalid', `rollout: ${firstIssue(parsed.error)}`);
  return parsed.data;
}

/** @returns undefined where the spec names no variant for this class. */
export function variantFor(
  { variant, variants = {} }: Pick<RolloutSpec, 'variant' | 'variants'>,
  hardwareClass: string | null,
): string | undefined {
  if (variant !== undefined) return variant;
  const named = hardwareClass !== null && Object.hasOwn(variants, hardwareClass) ? variants[hardwareClass] : undefined;
  return named ?? variants[everyOtherClass];
}

/** How many of `total` devices each phase takes; they sum to it. A phase that comes after all are taken takes none. */
export function phaseSizes(phases: readonly Pick<RolloutPhase, 'count' | 'percent'>[], total: number): number[] {
  let taken = 0;
  return phases.map(({ count = 0, percent }, index) => {
    const upTo = percent === undefined ? taken + count : Math.ceil((total * percent) / 100);
    const end = index === phases.length - 1 ? total : Math.min(Math.max(upTo, taken), total);
    const size = end - taken;
    taken = end;
    return size;
  });
}

/** What the rollout machine needs to know of a spec. */
export function rolloutRulesOf({ phases, onFail, rollback }: RolloutSpec): RolloutRules {
  return { advance: phases.map(({ advance }) => advance), onFail, returnsAtOnce: rollback.concurrency };
}
