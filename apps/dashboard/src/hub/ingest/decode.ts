/** @file A payload becomes a message, or a refusal that says as much of its range as can be known. */
import {
  type Decoded,
  decode,
  eventStreams,
  type MessageOf,
  maxResultsPerBatch,
  type Results,
  sequenceSchema,
  sessionIdSchema,
  topics,
} from '@alpharho/protocol';
import { isResults } from './check-results.ts';
import type { AckEntry, Incoming, UpTopic } from './incoming.ts';

export type Message = { [T in UpTopic]: { topic: T; value: MessageOf<T> } }[UpTopic];
export type Refused = { topic: UpTopic; code: string; message: string; ranges: Omit<AckEntry, 'refused'>[] };

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** @returns the message, or why it is none. */
export function decodeIncoming({
  topic,
  payload,
}: Pick<Incoming, 'topic' | 'payload'>): { ok: true; message: Message } | { ok: false; refused: Refused } {
  const decoded: Decoded<unknown> = topic === 'results' ? decodeResults(payload) : decode(topic, payload);
  if (decoded.ok) return { ok: true, message: { topic, value: decoded.value } as Message };
  const { code, message } = decoded;
  // Only a message of our version can be refused for good; a newer agent keeps its results until the hub is updated.
  const ranges = code === 'payload_invalid' ? rangesOf(topic, payload) : [];
  return { ok: false, refused: { topic, code, message, ranges } };
}

function decodeResults(payload: Uint8Array): Decoded<Results> {
  if (payload.byteLength <= topics.results.maxBytes) {
    const json = parseJson(payload);
    if (isResults(json)) return { ok: true, value: json };
  }
  return decode('results', payload);
}

function parseJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(payload));
  } catch {
    return undefined;
  }
}

/**
 * The sequence numbers that a malformed message carries, as unbroken runs: what lies in a gap is not in the message and must not be
 * forgotten. No more runs than an honest batch could have: a megabyte of numbers would be answered with fifty.
 */
function rangesOf(topic: UpTopic, payload: Uint8Array): Refused['ranges'] {
  const json = parseJson(payload) as { session?: unknown; stream?: unknown; seq?: unknown; results?: unknown };
  const stream =
    topic === 'results' || topic === 'telemetry' ? topic : eventStreams.find((name) => topic === 'events' && name === json.stream);
  const session = sessionIdSchema.safeParse(json.session);
  if (stream === undefined || !session.success) return [];
  const carried =
    topic !== 'results' ? [json.seq] : Array.isArray(json.results) ? json.results.map((result) => result?.seq as unknown) : [];
  const seqs = carried.flatMap((seq) => sequenceSchema.safeParse(seq).data ?? []).sort((a, b) => a - b);
  const runs: Refused['ranges'] = [];
  for (const seq of seqs) {
    const last = runs.at(-1);
    if (last !== undefined && seq <= last.to + 1) last.to = seq;
    else runs.push({ stream, session: session.data, from: seq, to: seq });
  }
  return runs.slice(0, maxResultsPerBatch);
}
