/** @file Who may say and hear what on the broker: pure rules, everything not named is refused. */
import { type Decoded, decode, deviceIdSchema, parseTopic, type TopicName, topics } from '@alpharho/protocol';

export type Publish = { topic: string; qos: number; payload: Uint8Array | string };

export type Verdict<T> = { ok: true; value: T } | { ok: false; message: string };

/** A client is a device, and is called by its id. */
export function mayConnect(clientId: string, will: Publish | undefined): Verdict<void> {
  const id = deviceIdSchema.safeParse(clientId);
  if (!id.success) return { ok: false, message: `client id: ${id.error.issues[0]?.message}` };
  if (will === undefined) return { ok: true, value: undefined };
  const topic = mayPublish(clientId, will);
  if (!topic.ok) return { ok: false, message: `last will: ${topic.message}` };
  if (topic.value !== 'presence') return { ok: false, message: `last will: on ${topic.value}, expected presence` };
  const payload: Decoded<{ state: string }> = decode('presence', Buffer.from(will.payload));
  if (!payload.ok) return { ok: false, message: `last will: ${payload.message}` };
  if (payload.value.state !== 'offline') return { ok: false, message: 'last will: state is online, expected offline' };
  return { ok: true, value: undefined };
}

/** @returns which topic it is: one that goes up, of the client's own device. */
export function mayPublish(clientId: string, { topic, qos }: Omit<Publish, 'payload'>): Verdict<TopicName> {
  const parsed = parseTopic(topic);
  if (parsed === undefined) return { ok: false, message: `topic ${topic.slice(0, 100)}: not in the topic table` };
  if (parsed.device !== clientId) return { ok: false, message: `topic ${topic}: of another device than the client` };
  const { name } = parsed;
  if (!isUp(name)) return { ok: false, message: `topic ${topic}: the hub speaks there` };
  if (qos > topics[name].qos) return { ok: false, message: `topic ${topic}: QoS ${qos}, at most ${topics[name].qos}` };
  return { ok: true, value: name };
}

/** A device hears what the hub tells it, who else uses its name, and nothing else: no wildcards, no other device. */
export function maySubscribe(clientId: string, filter: string): boolean {
  const parsed = parseTopic(filter);
  return parsed !== undefined && parsed.device === clientId && (!isUp(parsed.name) || parsed.name === 'presence');
}

function isUp(name: TopicName): boolean {
  return topics[name].direction === 'up';
}
