/** @file What passes between broker, queue and writer. Plain data, so that it can cross into a thread. */
import type { Ack, TopicName } from '@alpharho/protocol';

/** What the hub writes down. `state` goes up too, but is for others. */
const takenTopics = ['presence', 'reported', 'results', 'telemetry', 'events', 'snapshot'] as const satisfies readonly TopicName[];
export type UpTopic = (typeof takenTopics)[number];

export function isTaken(topic: TopicName): topic is UpTopic {
  return (takenTopics as readonly TopicName[]).includes(topic);
}

/** A message as it came, with whose it is: the broker has checked that the sender may speak for `device`. */
export type Incoming = {
  device: string;
  topic: UpTopic;
  payload: Uint8Array;
  /** Hub clock, milliseconds since 1970. */
  arrivedAt: number;
};

export type AckEntry = Ack['acks'][number];

/** A message that cannot be taken, for the log. `unheard`: as many from this device before it were not told, to keep the log short. */
export type Refusal = { device: string; topic: UpTopic; code: string; message: string; unheard: number };

/** What a commit has settled. */
export type Committed = { acks: { device: string; entries: AckEntry[] }[]; refusals: Refusal[] };

/** Writes messages in their order, all or none. */
export type Committer = {
  /** @throws DatabaseError full | read_only | busy | damaged: nothing was written, the same messages may be given again. */
  commit: (messages: readonly Incoming[]) => Promise<Committed>;
};
