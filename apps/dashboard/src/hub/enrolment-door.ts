/** @file `POST /v1/enroll`: the door for boards that have a token and nothing else. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Database } from '@alpharho/db';
import {
  AlpharhoError,
  type EnrolmentAnswer,
  type EnrolmentRequest,
  type ErrorCode,
  enrolmentRequestSchema,
  isAlpharhoError,
  maxEnrolmentBytes,
} from '@alpharho/protocol';
import { latestKeySet } from '../server/keys/key-set.ts';
import type { Logger } from '../server/logger.ts';
import { enrolDevice } from '../server/services/enrol-device.ts';
import { sendJson } from './json-answer.ts';
import { RateLimit } from './rate-limit.ts';

/** Enough for a person who mistypes; a guess of 144 bits needs rather more. */
const triesPerMinute = 10;

const statuses: Partial<Record<ErrorCode, number>> = {
  payload_not_json: 400,
  payload_invalid: 400,
  version_unsupported: 400,
  enrolment_token_unknown: 403,
  enrolment_token_expired: 403,
  enrolment_token_used: 403,
  device_taken: 409,
  device_name_differs: 409,
  payload_too_large: 413,
};

type Options = {
  db: Database;
  mqttPort: number;
  /** Where devices reach the HTTP port, if not where they sent this request. */
  publicUrl: string | undefined;
  logger: Logger;
  clock: () => number;
};

export class EnrolmentDoor {
  private readonly options: Options;
  private readonly limit: RateLimit;

  constructor(options: Options) {
    this.options = options;
    this.limit = new RateLimit({ most: triesPerMinute, windowMs: 60_000, clock: options.clock });
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { db, logger, clock } = this.options;
    const address = request.socket.remoteAddress ?? '';
    const waitMs = this.limit.admit(address);
    if (waitMs > 0) {
      const seconds = Math.ceil(waitMs / 1000);
      response.setHeader('Retry-After', seconds);
      return refuse(request, response, 429, { error: 'rate_limited', message: `too many requests from ${address}; wait ${seconds} s` });
    }
    try {
      const enrolment = readRequest(await readBody(request));
      const id = await enrolDevice(db, enrolment, new Date(clock()));
      logger.info({ device: id, address }, 'enrolled a device');
      const keys = await latestKeySet(db);
      const answer: EnrolmentAnswer = { v: 1, id, ...this.addresses(request), ...(keys && { keys: keys.document }) };
      sendJson(response, 201, answer);
    } catch (error) {
      const status = isAlpharhoError(error) ? statuses[error.code] : undefined;
      if (!isAlpharhoError(error) || status === undefined) throw error;
      logger.warn({ address, code: error.code }, 'refused an enrolment');
      refuse(request, response, status, { error: error.code, message: error.message });
    }
  }

  /** As the board reaches them: it has just reached this port under a name that works for it. */
  private addresses(request: IncomingMessage): Pick<EnrolmentAnswer, 'hub' | 'modelsUrl'> {
    const { mqttPort, publicUrl } = this.options;
    const { host, port } = hostOf(request);
    return { hub: `mqtt://${host}:${mqttPort}`, modelsUrl: publicUrl ?? `http://${host}${port}` };
  }
}

/** The connection is of no use after that: a body may still be on its way. */
function refuse(request: IncomingMessage, response: ServerResponse, status: number, body: object): void {
  if (!request.complete) response.setHeader('Connection', 'close');
  sendJson(response, status, body);
}

/** @throws AlpharhoError payload_too_large */
function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    // Not `for await`: leaving that closes the connection, and the refusal would not arrive.
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (bytes <= maxEnrolmentBytes) chunks.push(chunk);
      else reject(new AlpharhoError('payload_too_large', `the request has more than ${maxEnrolmentBytes} bytes`));
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', reject);
  });
}

/** @throws AlpharhoError payload_not_json | version_unsupported | payload_invalid */
function readRequest(body: Buffer): EnrolmentRequest {
  let json: unknown;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new AlpharhoError('payload_not_json', 'the request is not JSON', { cause });
  }
  if (typeof json === 'object' && json !== null && 'v' in json && json.v !== 1) {
    throw new AlpharhoError('version_unsupported', 'the request is of another version of the protocol, expected 1; update the older side');
  }
  const parsed = enrolmentRequestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new AlpharhoError('payload_invalid', `the request: ${issue?.path.join('.') || 'it'}: ${issue?.message}`.slice(0, 500));
}

/** A host name or address, and `:port` where the port is not 80. What else stands in the header is not repeated. */
function hostOf(request: IncomingMessage): { host: string; port: string } {
  const match = /^([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:\d{1,5})?$/.exec(request.headers.host ?? '');
  if (match?.[1] !== undefined) return { host: match[1], port: match[2] ?? '' };
  const { localAddress = '127.0.0.1', localPort } = request.socket;
  const bare = localAddress.replace(/^::ffff:/, '');
  return { host: bare.includes(':') ? `[${bare}]` : bare, port: `:${localPort}` };
}
