/** @file What travels over REST, one schema a thing. The doors check by them, and docs/api/openapi.json is made from them. */
import {
  deviceIdSchema,
  endedRolloutStates,
  errorCodeSchema,
  maxTargetIds,
  pauseReasons,
  rolloutDeviceStates,
  rolloutSpecSchema,
  rolloutStates,
  sha256Schema,
  updateCodes,
} from '@alpharho/protocol';
import { z } from 'zod';
import { admissions } from '../rollouts/admission.ts';
import { steerings } from '../services/steer-rollout.ts';
import { tagKeySchema, tagValueSchema } from '../services/tag-devices.ts';

const keysOf = <T extends string>(table: Readonly<Record<T, unknown>>) => Object.keys(table) as [T, ...T[]];
const time = z.number().describe('Milliseconds since 1970');
const count = z.number().int().min(0);
const maybe = <T extends z.ZodType>(schema: T) => schema.nullable();

const error = z.strictObject({
  error: errorCodeSchema.describe('Stable: programs may rely on it'),
  message: z.string().describe('What was wrong, where, and what would be right'),
  remedy: z.string().describe('What to do about errors of this code'),
});

const namedVariant = z.strictObject({ id: sha256Schema, name: z.string() });
const failure = z.strictObject({ code: z.string(), message: z.string(), at: maybe(time) });

const device = z.strictObject({
  id: deviceIdSchema,
  online: z.boolean(),
  lastSeenAt: maybe(time),
  hardwareClass: maybe(z.string()),
  boardModel: maybe(z.string()),
  agentVersion: maybe(z.string()),
  tags: z.record(z.string(), z.string()).describe('"" for a tag without a value'),
  serving: maybe(namedVariant),
  desired: maybe(namedVariant).describe('What it is to serve, where that is something else'),
  phase: z.string().describe('Step of its update'),
  held: z.boolean(),
  outcome: maybe(z.string()).describe('Of its latest update'),
  error: maybe(failure),
  fps: maybe(z.number()),
  p95: maybe(z.number()).describe('Milliseconds, of its latest telemetry window'),
  rollout: maybe(z.strictObject({ id: z.string(), name: z.string() })).describe('The live rollout that it is in'),
});

const tagChange = z.strictObject({
  deviceIds: z.array(deviceIdSchema).min(1).max(maxTargetIds),
  set: z.record(tagKeySchema, tagValueSchema).default({}).describe('"" for a tag without a value'),
  remove: z.array(tagKeySchema).max(100).default([]),
});

const variant = z.strictObject({
  id: sha256Schema,
  name: z.string(),
  family: z.string(),
  alpha: z.number(),
  rho: z.number().int(),
  rhos: maybe(z.array(z.number().int())).describe('Every resolution that the file serves'),
  precision: z.string(),
  classes: count,
  weights: z.string(),
  bytes: count,
  multiplyAdds: maybe(z.number()),
  parameters: maybe(z.number()),
  top1: maybe(z.number()).describe('Percent'),
  top5: maybe(z.number()),
  accuracySource: maybe(z.string()),
  provenance: maybe(z.string()),
  licence: maybe(z.string()),
  stored: z.boolean().describe('The registry holds the file'),
  addedAt: maybe(time),
  retiredAt: maybe(time),
  keyId: maybe(z.string()).describe('The key that signed its manifest'),
});

const measured = z.strictObject({
  variantId: sha256Schema,
  rho: z.number().int(),
  hardwareClass: z.string(),
  devices: count,
  frames: count,
  p50: z.number(),
  p95: z.number(),
  p99: z.number(),
  p95Low: z.number(),
  p95High: z.number(),
  fps: z.number(),
  droppedShare: z.number(),
  memoryBytes: z.number(),
  memoryMostBytes: z.number(),
  from: time,
  to: time,
});

const counts = z.record(z.enum(keysOf(rolloutDeviceStates)), count);
const rolloutState = z.enum(keysOf(rolloutStates));

const line = {
  id: z.string(),
  name: z.string(),
  key: maybe(z.string()).describe('The name of its declaration'),
  state: rolloutState,
  reason: maybe(z.enum(keysOf(pauseReasons))),
  stateAt: time,
  createdAt: time,
  startedAt: maybe(time),
  endedAt: maybe(time),
  phase: count.describe('From 0'),
  phases: count,
  version: count.describe('Moves with every change'),
  variantIds: z.array(sha256Schema),
  previousIds: z.array(sha256Schema).describe('What its devices had, the most frequent first'),
  counts: counts.describe('Devices by state; they sum to the target set'),
};

const rolloutDevice = z.strictObject({
  id: deviceIdSchema,
  phase: count,
  position: count,
  late: z.boolean(),
  hardwareClass: maybe(z.string()),
  variantId: sha256Schema,
  previousId: maybe(sha256Schema),
  state: z.enum(keysOf(rolloutDeviceStates)),
  stateAt: time,
  note: maybe(z.string()),
  toldAt: maybe(time),
  switchedAt: maybe(time),
  committedAt: maybe(time),
  attempts: count,
  retryAt: maybe(time),
  step: maybe(z.string()),
  outcome: maybe(z.enum(updateCodes)),
  error: maybe(failure),
  online: z.boolean(),
  held: z.boolean(),
  servingId: maybe(sha256Schema),
});

const verdict = z.strictObject({
  id: count,
  phase: count,
  at: time,
  from: time,
  to: time,
  metric: z.string(),
  against: z.string(),
  hardwareClass: z.string(),
  verdict: z.string().describe('pass | fail | inconclusive'),
  n: count.describe('Frames'),
  devices: count,
  controls: count,
  baseline: maybe(z.number()),
  value: maybe(z.number()),
  change: maybe(z.number()),
  threshold: z.number(),
  low: maybe(z.number()),
  high: maybe(z.number()),
  message: z.string(),
});

const rollout = z.strictObject({
  ...line,
  spec: rolloutSpecSchema,
  pausedFrom: maybe(rolloutState),
  phaseAt: maybe(time),
  soakAt: maybe(time),
  soakUntil: maybe(time),
  windowChangesAt: maybe(time).describe('When maintenance windows open or close next'),
  phaseList: z.array(z.looseObject({ counts })).describe('The phases of the spec, each with its devices by state'),
  devices: z.array(rolloutDevice).describe('In the order of turns'),
  verdicts: z.array(verdict).describe('The latest first'),
});

const event = z.strictObject({
  id: count,
  at: time,
  kind: z.string(),
  level: z.enum(['info', 'warning', 'error']),
  message: z.string(),
  deviceId: maybe(z.string()),
  phase: maybe(count),
  data: z.unknown(),
});

const preview = z.strictObject({
  matched: count,
  offline: count,
  counts: z.record(z.enum(admissions), count).describe('Of the devices that match; `ready` ones would be told'),
  noWayBack: count.describe('Devices whose present variant the registry cannot give back'),
  classes: z.array(z.strictObject({ hardwareClass: maybe(z.string()), devices: count, variantId: maybe(sha256Schema) })),
  phases: z.array(count).describe('Devices of each phase'),
  windowChangesAt: maybe(time),
  devices: z.array(
    z.strictObject({
      id: deviceIdSchema,
      hardwareClass: maybe(z.string()),
      online: z.boolean(),
      servingId: maybe(sha256Schema),
      kind: z.enum(admissions),
      note: maybe(z.string()).describe('Why it is left out'),
      variantId: maybe(sha256Schema),
      phase: maybe(count),
    }),
  ),
});

const limit = z.number().positive().max(1e15).optional();
const limits = z.strictObject({ p95Ms: limit, frameRate: limit, memoryBytes: limit }).default({});
const goal = z.discriminatedUnion('best', [
  z.strictObject({ best: z.literal('accuracy'), limits }),
  z.strictObject({ best: z.literal('latency'), minTop1: z.number().min(0).max(100), limits }),
]);
const where = z.string().min(1).max(2_000).describe('Which devices: site=quay class="Raspberry Pi 4" -tag=lab');

const plan = z.strictObject({
  classes: z.array(
    z
      .looseObject({ hardwareClass: z.string(), devices: count, changes: z.boolean(), reason: z.string() })
      .describe('With what it serves now, the choice, and what stands against the others'),
  ),
  variants: z.record(z.string(), sha256Schema).describe('Hardware class → variant, as a rollout takes it'),
  blocking: z.array(z.string()).describe('Classes in which the goal cannot be met'),
  unclassed: z.array(z.string()).describe('Devices that have not said yet what they are'),
});

const creation = z.strictObject({
  spec: rolloutSpecSchema,
  key: z.string().min(1).max(80).describe('Of a declaration: the same key and spec again change nothing').optional(),
  start: z.boolean().default(false).describe('Start it, too; where that is refused, nothing is kept'),
});

const action = z.strictObject({
  type: z.enum(['start', ...steerings]),
  phase: z.number().int().min(0).max(1_000).describe('Of approve and skip: the phase that you saw, from 0').optional(),
  device: deviceIdSchema.describe('Of retry: this one only').optional(),
  version: z.number().int().min(0).describe('Refused where the rollout has moved on since').optional(),
});

/** By the names that they have in the document. */
export const apiSchemas = {
  Error: error,
  Device: device,
  DeviceList: z.strictObject({ devices: z.array(device) }),
  TagChange: tagChange,
  Tagged: z.strictObject({ tagged: count }),
  Variant: variant,
  VariantList: z.strictObject({ variants: z.array(z.strictObject({ ...variant.shape, servedBy: count })) }),
  VariantDetail: z.strictObject({
    ...variant.shape,
    labels: maybe(z.array(z.string())),
    measured: z.array(measured).describe('By hardware class, in the last 30 days'),
    uses: z.array(z.strictObject({ deviceId: z.string(), how: z.string() })),
  }),
  Deleted: z.strictObject({ deleted: sha256Schema }),
  Uploaded: z.strictObject({
    v: z.literal(1),
    id: sha256Schema,
    name: z.string(),
    known: z.boolean().describe('The registry had it already'),
    notes: z.array(z.string()).describe('What was done to bring it into the contract'),
  }),
  RolloutSpec: rolloutSpecSchema,
  RolloutList: z.strictObject({ rollouts: z.array(z.strictObject(line)) }),
  Rollout: rollout,
  RolloutCreation: creation,
  RolloutCreated: z.strictObject({
    id: z.string(),
    name: z.string(),
    state: rolloutState,
    changed: z.boolean().describe('False: the declaration is so already'),
  }),
  RolloutPreview: preview,
  RolloutVerdicts: z.strictObject({ verdicts: z.array(verdict) }),
  RolloutEvents: z.strictObject({ events: z.array(event).describe('The newest first') }),
  RolloutAction: action,
  RolloutMoved: z.strictObject({
    state: rolloutState.describe(`Nothing more happens by itself in ${endedRolloutStates.join(', ')}`),
    changed: z.boolean().describe('False: it was so already, by the same word or by that of somebody else'),
  }),
  PlanRequest: z.strictObject({ goal, where }),
  Plan: plan,
} as const;
