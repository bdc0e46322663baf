/** @file Encode and decode of wire messages: size cap first, then JSON, then version, then schema. Bad input is a return value. */
import type { z } from 'zod';
import { AlpharhoError, type ErrorCode } from './errors.ts';
import { type MessageOf, protocolVersion, type TopicName, topics } from './topics.ts';

export type Decoded<T> = { ok: true; value: T } | { ok: false; code: ErrorCode; message: string };

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a payload as a message of topic `name`. Unknown fields are dropped, so a newer sender of the same version may add some.
 * @returns the message, or a code and a sentence that says what was wrong, where, and what would be right.
 */
export function decode<T extends TopicName>(name: T, payload: Uint8Array): Decoded<MessageOf<T>> {
  const spec = topics[name];
  if (payload.byteLength > spec.maxBytes) {
    return { ok: false, code: 'payload_too_large', message: `${name}: ${payload.byteLength} bytes, at most ${spec.maxBytes}` };
  }
  let json: unknown;
  try {
    json = JSON.parse(utf8.decode(payload));
  } catch {
    return { ok: false, code: 'payload_not_json', message: `${name}: not JSON in UTF-8` };
  }
  return checked(name, json, protocolVersion, spec.schema) as Decoded<MessageOf<T>>;
}

/**
 * Version first, then schema, of what has been read as JSON.
 * @param name what it is, for the message
 */
export function checked<S extends z.ZodType>(name: string, json: unknown, expected: number, schema: S): Decoded<z.infer<S>> {
  const version = typeof json === 'object' && json !== null && 'v' in json ? json.v : undefined;
  if (version !== expected) {
    return { ok: false, code: 'version_unsupported', message: `${name}: version ${describe(version)}, expected ${expected}` };
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) return { ok: false, code: 'payload_invalid', message: `${name}: ${firstIssue(parsed.error)}` };
  return { ok: true, value: parsed.data };
}

/**
 * Writes a message as its topic's payload.
 * @throws AlpharhoError payload_invalid or payload_too_large: both are faults of the caller.
 */
export function encode<T extends TopicName>(name: T, message: MessageOf<T>): Buffer {
  const spec = topics[name];
  const parsed = spec.schema.safeParse(message);
  if (!parsed.success) throw new AlpharhoError('payload_invalid', `${name}: ${firstIssue(parsed.error)}`);
  const payload = Buffer.from(JSON.stringify(parsed.data));
  if (payload.byteLength > spec.maxBytes) {
    throw new AlpharhoError('payload_too_large', `${name}: ${payload.byteLength} bytes, at most ${spec.maxBytes}`);
  }
  return payload;
}

/** The first place that does not fit, and how many more there are. */
export function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'does not fit the schema';
  const place = issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
  const more = error.issues.length > 1 ? ` (and ${error.issues.length - 1} more)` : '';
  return `${place}${issue.message}${more}`;
}

/** Never walks into an object: nested a hundred thousand deep, it would overflow the stack. */
function describe(version: unknown): string {
  if (version === undefined) return 'missing';
  if (typeof version === 'number') return String(version);
  return typeof version === 'string' ? JSON.stringify(version.slice(0, 20)) : 'not a number';
}
