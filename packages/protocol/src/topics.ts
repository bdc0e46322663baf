/** @file The topic table: name → pattern, direction, QoS, retain, size cap, schema. Types, checks and the AsyncAPI document are made from it. */
import type { z } from 'zod';
import { type DeviceId, deviceIdSchema } from './ids.ts';
import { ackSchema } from './messages/ack.ts';
import { desiredSchema } from './messages/desired.ts';
import { eventSchema } from './messages/events.ts';
import { keysSchema } from './messages/keys.ts';
import { presenceSchema } from './messages/presence.ts';
import { reportedSchema } from './messages/reported.ts';
import { requestSchema } from './messages/request.ts';
import { resultsSchema } from './messages/results.ts';
import { snapshotSchema } from './messages/snapshot.ts';
import { stateSchema } from './messages/state.ts';
import { telemetrySchema } from './messages/telemetry.ts';

/** The version that stands in every topic and in every payload's `v`. */
export const protocolVersion = 1;

export const topics = {
  presence: {
    direction: 'up',
    qos: 1,
    retain: true,
    maxBytes: 4 * 1024,
    schema: presenceSchema,
    summary: 'Birth and last will of an agent session',
  },
  reported: {
    direction: 'up',
    qos: 1,
    retain: true,
    maxBytes: 16 * 1024,
    schema: reportedSchema,
    summary: 'What a device is: serving variant, update phase, last error',
  },
  results: { direction: 'up', qos: 1, retain: false, maxBytes: 1024 * 1024, schema: resultsSchema, summary: 'A batch of classifications' },
  telemetry: {
    direction: 'up',
    qos: 1,
    retain: false,
    maxBytes: 64 * 1024,
    schema: telemetrySchema,
    summary: 'One window of latency sketches and counters',
  },
  events: {
    direction: 'up',
    qos: 1,
    retain: false,
    maxBytes: 256 * 1024,
    schema: eventSchema,
    summary: 'One thing that happened on a device',
  },
  snapshot: {
    direction: 'up',
    qos: 1,
    retain: false,
    maxBytes: 512 * 1024,
    schema: snapshotSchema,
    summary: 'The answer to a request: a picture, or why there is none',
  },
  state: {
    direction: 'up',
    qos: 0,
    retain: false,
    maxBytes: 16 * 1024,
    schema: stateSchema,
    summary:
      "The latest label and figures, at most once a second; to Home Assistant's broker, where that is switched on, and kept by nobody",
  },
  desired: {
    direction: 'down',
    qos: 1,
    retain: true,
    maxBytes: 64 * 1024,
    schema: desiredSchema,
    summary: 'What a device is to be, signed',
  },
  keys: {
    direction: 'down',
    qos: 1,
    retain: true,
    maxBytes: 64 * 1024,
    schema: keysSchema,
    summary: 'Whose signatures count, signed by a release key of the set before',
  },
  request: {
    direction: 'down',
    qos: 1,
    retain: false,
    maxBytes: 4 * 1024,
    schema: requestSchema,
    summary: 'Something that a device is asked for once',
  },
  ack: { direction: 'down', qos: 1, retain: false, maxBytes: 64 * 1024, schema: ackSchema, summary: 'What the database has committed' },
} as const satisfies Record<string, TopicSpec>;

export type TopicSpec = {
  /** `up`: agent to hub; `down`: hub to agent. */
  direction: 'up' | 'down';
  qos: 0 | 1;
  retain: boolean;
  /** Payloads above this are refused before they are parsed. */
  maxBytes: number;
  schema: z.ZodType;
  summary: string;
};

export type TopicName = keyof typeof topics;
export type MessageOf<T extends TopicName> = z.infer<(typeof topics)[T]['schema']>;

const prefix = `alpharho/v${protocolVersion}`;

/** `alpharho/v1/{device}/{name}`. */
export function buildTopic(name: TopicName, device: DeviceId): string {
  return `${prefix}/${deviceIdSchema.parse(device)}/${name}`;
}

/** The filter that matches one kind of message from every device. */
export function topicFilter(name: TopicName): string {
  return `${prefix}/+/${name}`;
}

/** @returns undefined where the topic is not in the table or the device id is not one. */
export function parseTopic(topic: string): { name: TopicName; device: DeviceId } | undefined {
  const [root, version, device, name, ...rest] = topic.split('/');
  if (`${root}/${version}` !== prefix || rest.length > 0 || name === undefined || !Object.hasOwn(topics, name)) return undefined;
  const parsed = deviceIdSchema.safeParse(device);
  return parsed.success ? { name: name as TopicName, device: parsed.data } : undefined;
}
