/** @file Random messages for every topic of the table. A topic without one here does not compile. */
import fc from 'fast-check';
import {
  type DeviceId,
  type ErrorCode,
  errorCodes,
  eventIds,
  eventLevels,
  eventStreams,
  familySchema,
  LatencySketch,
  type MessageOf,
  precisionSchema,
  type Sketch,
  stages,
  streams,
  type TopicName,
  throttles,
  updateCodes,
  updatePhases,
  type Variant,
  type WireImage,
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

const rho = fc.integer({ min: 32, max: 1024 });
const rate = amount(0.01, 1000);

const variant: fc.Arbitrary<Variant> = fc.record(
  {
    sha256,
    bytes: fc.integer({ min: 1, max: 1_000_000_000 }),
    family: fc.constantFrom(...familySchema.options),
    alpha: amount(0.01, 4),
    rho,
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
    held: fc.constant(true as const),
    shadow: fc.record(
      { frames: count, agreement: amount(0, 1), p95Ms: amount(0, 1e6), baselineP95Ms: amount(0, 1e6), memoryBytes: count },
      { requiredKeys: ['frames', 'p95Ms', 'memoryBytes'] },
    ),
    quarantined: fc.array(fc.record({ sha256, code: fc.constantFrom(...(Object.keys(errorCodes) as ErrorCode[])), at: timestamp }), {
      maxLength: 20,
    }),
    keys: fc.record({ version: sequence }),
    inference: fc.record(
      {
        provider: word(letters, 1, 40),
        threads: fc.integer({ min: 1, max: 1024 }),
        precision: fc.constantFrom(...precisionSchema.options),
        tuned: fc.boolean(),
        reason: text(500),
      },
      { requiredKeys: ['provider', 'threads', 'precision', 'tuned'] },
    ),
    governor: fc.record(
      { rho, rate, step: fc.integer({ min: 0, max: 1000 }), of: fc.integer({ min: 1, max: 1001 }), reason: text(500), since: timestamp },
      { requiredKeys: ['rho', 'step', 'of', 'since'] },
    ),
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

const telemetry: fc.Arbitrary<MessageOf<'telemetry'>> = fc.record(
  {
    v: fc.constant(1 as const),
    session: sessionId,
    seq: sequence,
    sentAt: timestamp,
    start: timestamp,
    end: timestamp,
    variant: sha256,
    rho,
    rate,
    frames: fc.record(
      { captured: count, classified: count, dropped: count, published: count, failed: count },
      { requiredKeys: ['captured', 'classified', 'dropped'] },
    ),
    answers: fc.record({
      n: count,
      confidence: fc.record({ sum: amount(0, 1e9), squares: amount(0, 1e9) }),
      classes: fc.array(fc.tuple(fc.nat(99_999), fc.integer({ min: 1 })), { maxLength: 64 }),
    }),
    latency: fc.record(
      { total: sketch, ...(Object.fromEntries(stages.map((stage) => [stage, sketch])) as Record<(typeof stages)[number], typeof sketch>) },
      { requiredKeys: ['total'] },
    ),
    system: fc.record(
      {
        outbox: count,
        memoryBytes: count,
        temperature: amount(-60, 250),
        diskFreeBytes: count,
        diskTotalBytes: count,
        throttled: fc.subarray([...throttles]),
        memoryTotalBytes: count,
        memoryAvailableBytes: count,
        cpuFraction: amount(0, 1),
        clock: fc.record({ synchronised: fc.boolean() }),
        outboxBytes: count,
        dropped: fc.record(Object.fromEntries(streams.map((stream) => [stream, count])) as Record<(typeof streams)[number], typeof count>, {
          requiredKeys: [],
        }),
      },
      { requiredKeys: ['outbox', 'memoryBytes'] },
    ),
  },
  { requiredKeys: ['v', 'session', 'seq', 'sentAt', 'start', 'end', 'variant', 'frames', 'latency', 'system'] },
);

const image: fc.Arbitrary<WireImage> = fc.record({
  type: fc.constant('image/jpeg' as const),
  width: fc.integer({ min: 1, max: 1024 }),
  height: fc.integer({ min: 1, max: 1024 }),
  data: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from([0xff, 0xd8, 0xff, ...bytes]).toString('base64')),
});

const events: fc.Arbitrary<MessageOf<'events'>> = fc.record(
  {
    v: fc.constant(1 as const),
    stream: fc.constantFrom(...eventStreams),
    session: sessionId,
    seq: sequence,
    sentAt: timestamp,
    at: timestamp,
    id: fc.constantFrom(...Object.keys(eventIds)),
    level: fc.constantFrom(...eventLevels),
    message: text(499).map((value) => `!${value}`),
    detail: fc.dictionary(word(letters, 1, 60), fc.oneof(text(500), amount(-1e9, 1e9), fc.boolean()), {
      maxKeys: 20,
      noNullPrototype: true,
    }),
    variant: sha256,
    frame: sequence,
    top: fc.array(prediction, { minLength: 1, maxLength: 10 }),
    thumbnail: image,
  },
  { requiredKeys: ['v', 'stream', 'session', 'seq', 'sentAt', 'at', 'id', 'level', 'message'] },
);

const snapshot: fc.Arbitrary<MessageOf<'snapshot'>> = fc.oneof(
  fc.record({
    v: fc.constant(1 as const),
    id: sessionId,
    session: sessionId,
    at: timestamp,
    error: fc.record({ code: fc.constantFrom('snapshots_off', 'request_stale'), message: text(500), at: timestamp }),
  }),
  fc.record({
    v: fc.constant(1 as const),
    id: sessionId,
    session: sessionId,
    at: timestamp,
    variant: sha256,
    top: fc.array(prediction, { minLength: 1, maxLength: 10 }),
    image,
  }),
);

const state: fc.Arbitrary<MessageOf<'state'>> = fc.record(
  {
    v: fc.constant(1 as const),
    session: sessionId,
    at: timestamp,
    label: text(200),
    probability: amount(0, 1),
    variant: word(letters, 1, 100),
    framesPerSecond: amount(0, 1000),
    latencyP95: amount(0, 1e6),
    temperature: amount(-60, 250),
    update: fc.record(
      { installed: word(letters, 1, 100), latest: word(letters, 1, 100), inProgress: fc.boolean(), percentage: amount(0, 100) },
      { requiredKeys: ['installed', 'latest', 'inProgress'] },
    ),
  },
  { requiredKeys: ['v', 'session', 'at', 'variant', 'framesPerSecond', 'update'] },
);

const request: fc.Arbitrary<MessageOf<'request'>> = fc.record(
  {
    v: fc.constant(1 as const),
    id: sessionId,
    kind: fc.constant('snapshot' as const),
    issuedAt: timestamp,
    maxSide: fc.integer({ min: 16, max: 1024 }),
  },
  { requiredKeys: ['v', 'id', 'kind', 'issuedAt'] },
);

export const keyId = word('0123456789abcdef', 16, 16);
export const signature = fc.uint8Array({ minLength: 64, maxLength: 64 }).map((bytes) => Buffer.from(bytes).toString('base64'));

const body = fc.json().filter(({ length }) => length >= 2);

const desired: fc.Arbitrary<MessageOf<'desired'>> = fc.record({ v: fc.constant(1 as const), keyId, signature, body });

const keys: fc.Arbitrary<MessageOf<'keys'>> = fc.record({
  v: fc.constant(1 as const),
  body,
  signatures: fc.array(fc.record({ keyId, signature }), { minLength: 1, maxLength: 8 }),
});

const ack: fc.Arbitrary<MessageOf<'ack'>> = fc.record({
  v: fc.constant(1 as const),
  acks: fc.array(
    fc.record(
      { stream: fc.constantFrom(...streams), session: sessionId, from: sequence, to: sequence, refused: text(500) },
      { requiredKeys: ['stream', 'session', 'from', 'to'] },
    ),
    { minLength: 1, maxLength: 20 },
  ),
});

export const messages: { [T in TopicName]: fc.Arbitrary<MessageOf<T>> } = {
  presence,
  reported,
  results,
  telemetry,
  events,
  snapshot,
  state,
  desired,
  keys,
  request,
  ack,
};
