/** @file One message of each topic for the AsyncAPI document. They follow one device through one update. */
import { defaultDevicePolicy } from '../device-policy.ts';
import type { MessageOf, TopicName } from '../topics.ts';
import type { Variant } from '../variant.ts';

const session = 'q7Rk2mZx9_Lw';
const at = 1_798_761_600_000;
const labels = ['bottle', 'can', 'empty'];

const before: Variant = {
  sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  bytes: 1_913_204,
  family: 'v1',
  alpha: 0.25,
  rho: 128,
  precision: 'float32',
  classes: 3,
  weights: 'trained',
};

const after: Variant = {
  ...before,
  sha256: '60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752',
  bytes: 5_361_902,
  alpha: 0.5,
  rho: 160,
};

/** Signed with the keys of RFC 8032, section 7.1, whose private parts everybody knows. */
const manifest = {
  v: 1,
  keyId: '21fe31dfa154a261',
  signature: 'mkkXwTaVAm612b7T/eadXg5lGcDwN3iPO5D4r0gBdwB7de5KTURpWszshY8P0PQrx6Dvyuc0UHbAI6YwCrqIDw==',
  body: JSON.stringify({
    v: 1,
    variant: after,
    // Of the label list ["bottle","can","empty"].
    labels: 'cb16e15977c80875a324054f89df4d441384cb725649dda4816f38be9ebdc6f6',
    signedAt: at - 3_600_000,
  }),
} as const;

export const examples: { [T in TopicName]: MessageOf<T> } = {
  presence: {
    v: 1,
    session,
    state: 'online',
    at,
    agent: {
      version: '0.1.0',
      camera: '/dev/video0',
      hardware: { model: 'Raspberry Pi 4 Model B Rev 1.4', arch: 'arm64', cores: 4, memoryBytes: 3_981_000_704 },
    },
  },
  reported: {
    v: 1,
    session,
    at: at + 61_000,
    serving: before,
    servingSince: at + 900,
    revision: 7,
    phase: 'downloading',
    phaseSince: at + 60_000,
    progress: 42,
  },
  results: {
    v: 1,
    session,
    sentAt: at + 1_100,
    variants: [before.sha256],
    results: [0, 1].map((index) => ({
      seq: index + 1,
      frame: index + 1,
      at: at + 1_000 + index * 33,
      variant: 0,
      ms: 6.2,
      top: labels.map((label, place) => ({ class: place, label, probability: [0.91, 0.06, 0.03][place] ?? 0 })),
    })),
  },
  telemetry: {
    v: 1,
    session,
    seq: 1,
    sentAt: at + 10_010,
    start: at,
    end: at + 10_000,
    variant: before.sha256,
    frames: { captured: 300, classified: 298, dropped: 2 },
    latency: {
      total: { sum: 1_852.4, min: 6.08, max: 6.43, first: 91, bins: [121, 150, 27] },
      inference: { sum: 952.1, min: 3.1, max: 3.28, first: 57, bins: [58, 201, 39] },
    },
    system: {
      outbox: 12,
      memoryBytes: 96_468_992,
      temperature: 51.2,
      diskFreeBytes: 21_474_836_480,
      diskTotalBytes: 31_138_512_896,
      throttled: [],
      memoryTotalBytes: 3_981_000_704,
      memoryAvailableBytes: 3_221_225_472,
      cpuFraction: 0.31,
      clock: { synchronised: true },
      outboxBytes: 24_576,
      dropped: {},
    },
  },
  events: {
    v: 1,
    stream: 'events',
    session,
    seq: 4,
    sentAt: at + 31_020,
    at: at + 31_000,
    id: 'result.changed',
    level: 'info',
    message: 'can, after bottle',
    detail: { replaced: 'bottle' },
    variant: before.sha256,
    frame: 930,
    top: [{ class: 1, label: 'can', probability: 0.88 }],
  },
  snapshot: {
    v: 1,
    id: 'a3f9c2d1e0',
    session,
    at: at + 45_000,
    error: { code: 'snapshots_off', message: 'this device gives no pictures; its owner may allow them with --snapshots', at: at + 45_000 },
  },
  state: {
    v: 1,
    session,
    at: at + 31_000,
    label: 'can',
    probability: 0.88,
    variant: 'V1 0.25×128 f32',
    framesPerSecond: 29.8,
    latencyP95: 6.4,
    temperature: 51.2,
    update: { installed: 'V1 0.25×128 f32 (9f86d081)', latest: 'V1 0.25×128 f32 (9f86d081)', inProgress: false },
  },
  desired: {
    v: 1,
    keyId: '39f713d0a644253f',
    signature: 'q7wj1Lg9tchMCosDXUpjkCYuOpz7cG2fz8obNo+O43CeEWM0mqi8tk7NWKTc+m4QZXP2rD4DZ13+wQI7m0AOBQ==',
    body: JSON.stringify({
      v: 2,
      device: 'line-04',
      revision: 7,
      issuedAt: at + 59_900,
      expiresAt: at + 59_900 + 604_800_000,
      manifest,
      url: `/models/${after.sha256}`,
      policy: defaultDevicePolicy,
    }),
  },
  keys: {
    v: 1,
    body: JSON.stringify({
      v: 1,
      version: 1,
      issuedAt: at - 86_400_000,
      keys: [
        { id: '21fe31dfa154a261', role: 'release', publicKey: '11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=' },
        { id: '39f713d0a644253f', role: 'desired', publicKey: 'PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=' },
      ],
    }),
    signatures: [
      { keyId: '21fe31dfa154a261', signature: 'ln2zFO+6MKNDK0+ChYzJeW3ZBHjyLjinNPn6pwd99OQ1urgo4qtxJI/rpznFvpZzlK+zeK8+/UjJ1PQD7D1aBA==' },
    ],
  },
  request: { v: 1, id: 'a3f9c2d1e0', kind: 'snapshot', issuedAt: at + 44_990, maxSide: 224 },
  ack: { v: 1, acks: [{ stream: 'results', session, from: 1, to: 2 }] },
};
