/** @file Random messages for every topic of the table. A topic without one here does not compile. */
import fc from 'fast-check';
import {
  type DeviceId,
  type ErrorCode,
  errorCodes,
  familySchema,
  LatencySketch,
  type MessageOf,
  precisionSchema,
  type Sketch,
  stages,
  type TopicName,
  updateCodes,
  updatePhases,
  type Variant,
  weightsSchema,
} from '../src/index.ts';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function word(alphabet: string, minLength: number, maxLength: number): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength });
}

export const deviceId: fc.Arbitrary<DeviceId> = fc
  .tuple(fc.constantFrom(...letters), word(`${letters}._-`, 0, 63))
  .map(([head, tail]) => head + tail);

const sessionId = word(`${letters}_-`, 8, 36);
const sha256 = word('0123456789abcdef', 64, 64);
const timestamp = fc.integer({ min: 0, max: 8.64e15 });
const sequence = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER - 1000 });
const count = fc.nat();
/** JSON has no −0, so a round trip cannot keep it. */
const amount = (min: number, max: number) => fc.double({ min, max, noNaN: true }).map((value) => value + 0);
const text = (maxLength: number) => fc.string({ maxLength, unit: 'grapheme' }).map((value) => value.slice(0, maxLength));

/** Readings from a microsecond to an hour, spread over the magnitudes as latencies are. */
export const latency: fc.Arbitrary<number> = fc.double({ min: Math.log(0.001), max: Math.log(3_600_000), noNaN: true }).map(Math.exp);

const sketch: fc.Arbitrary<Sketch> = fc.array(latency, { maxLength: 50 }).map((readings) => {
  const result = new LatencySketch();
  for (const reading of readings) result.record(reading);
  return result.toWire();
});

const variant: fc.Arbitrary<Variant> = fc.record(
  {
    sha256,
    bytes: fc.integer({ min: 1, max: 1_000_000_000 }),
    family: fc.constantFrom(...familySchema.options),
    alpha: amount(0.01, 4),
    rho: fc.integer({ min: 32, max: 1024 }),
    precision: fc.constantFrom(...precisionSchema.options),
    classes: fc.integer({ min: 2, max: 100_000 }),
    weights: fc.constantFrom(...weightsSchema.options),
    multiplyAdds: count,
    parameters: count,
    accuracy: fc.record({ top1: amount(0, 100), top5: amount(0, 100), source: text(200) }, { requiredKeys: ['top1', 'source'] }),
    provenance: text(500),
    licence: text(100),
  },
  { requiredKeys: ['sha256', 'bytes', 'family', 'alpha', 'rho', 'precision', 'classes', 'weights'] },
);

const presence: fc.Arbitrary<MessageOf<'presence'>> = fc.record(
  {
    v: fc.constant(1 as const),
    session: sessionId,
    state: fc.constantFrom('online', 'offline'),
    at: timestamp,
    reason: fc.constantFrom('stopped', 'lost'),
    agent: fc.record({
      version: text(50),
      camera: text(300),
      hardware: fc.record({
        model: text(200),
        arch: text(20),
        cores: fc.integer({ min: 1, max: 4096 }),
        memoryBytes: fc.integer({ min: 1 }),
      }),
    }),
  },
  { requiredKeys: ['v', 'session', 'state', 'at'] },
);

const reported: fc.Arbitrary<MessageOf<'reported'>> = fc.record(
  {
    v: fc.constant(1 as const),
    session: sessionId,
    at: timestamp,
    serving: variant,
    servingSince: timestamp,
    revision: count,
    phase: fc.constantFrom(...updatePhases),
    phaseSince: timestamp,
    progress: amount(0, 100),
    outcome: fc.constantFrom(...updateCodes),
    lastError: fc.record({
      code: fc.constantFrom(...(Object.keys(errorCodes) as ErrorCode[])),
      message: text(500),
      at: timestamp,
    }),
  },
  { requiredKeys: ['v', 'session', 'at', 'serving', 'servingSince', 'revision', 'phase', 'phaseSince'] },
);

const prediction = fc.record({ class: count, label: text(200), probability: amount(0, 1) });

const results: fc.Arbitrary<MessageOf<'results'>> = fc
  .record({
    session: sessionId,
    sentAt: timestamp,
    variants: fc.array(sha256, { minLength: 1, maxLength: 16 }),
    first: sequence,
    bodies: fc.array(
      fc.record({
        frame: sequence,
        at: timestamp,
        variant: fc.nat(15),
        ms: amount(0, 1e6),
        top: fc.array(prediction, { minLength: 1, maxLength: 10 }),
      }),
      { minLength: 1, maxLength: 20 },
    ),
  })
  .map(({ session, sentAt, variants, first, bodies }) => ({
    v: 1,
    session,
    sentAt,
    variants,
    results: bodies.map((body, index) => ({ ...body, seq: first + index, variant: body.variant % variants.length })),
  }));

const telemetry: fc.Arbitrary<MessageOf<'telemetry'>> = fc.record({
  v: fc.constant(1 as const),
  session: sessionId,
  seq: sequence,
  sentAt: timestamp,
  start: timestamp,
  end: timestamp,
  variant: sha256,
  frames: fc.record({ captured: count, classified: count, dropped: count }),
  latency: fc.record(
    { total: sketch, ...(Object.fromEntries(stages.map((stage) => [stage, sketch])) as Record<(typeof stages)[number], typeof sketch>) },
    { requiredKeys: ['total'] },
  ),
  system: fc.record(
    { outbox: count, memoryBytes: count, temperature: amount(-60, 250), diskFreeBytes: count },
    { requiredKeys: ['outbox', 'memoryBytes'] },
  ),
});

const desired: fc.Arbitrary<MessageOf<'desired'>> = fc.record({
  v: fc.constant(1 as const),
  revision: sequence,
  issuedAt: timestamp,
  variant,
  url: sha256.map((digest) => `/models/${digest}`),
});

const ack: fc.Arbitrary<MessageOf<'ack'>> = fc.record({
  v: fc.constant(1 as const),
  acks: fc.array(
    fc.record(
      { stream: fc.constantFrom('results', 'telemetry'), session: sessionId, from: sequence, to: sequence, refused: text(500) },
      { requiredKeys: ['stream', 'session', 'from', 'to'] },
    ),
    { minLength: 1, maxLength: 20 },
  ),
});

export const messages: { [T in TopicName]: fc.Arbitrary<MessageOf<T>> } = { presence, reported, results, telemetry, desired, ack };
