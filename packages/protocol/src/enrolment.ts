/**
 * @file How a board that has nothing but a token becomes a device: `POST /v1/enroll` on the hub's HTTP port. A token comes from an operator
 * (dashboard, or `alpharho enroll-token`), works once and for a short time.
 */
import { z } from 'zod';
import { deviceIdSchema } from './ids.ts';
import { keysSchema } from './messages/keys.ts';
import { presenceSchema } from './messages/presence.ts';

/** On the hub's HTTP port. `Content-Type: application/json`; answers are JSON too. */
export const enrolmentPath = '/v1/enroll';

/** Requests above this are refused before they are parsed, bytes. */
export const maxEnrolmentBytes = 8 * 1024;

/** 32 characters of base64url carry 192 random bits. The prefix tells what it is, and keeps it from being read as an option. */
export const enrolmentTokenSchema = z
  .string()
  .regex(/^alp_[A-Za-z0-9_-]{32}$/, 'an enrolment token is "alp_" and 32 letters, digits, "_" or "-"')
  .describe('Secret, works once');

const agent = presenceSchema.shape.agent.unwrap();

export const enrolmentRequestSchema = z.object({
  v: z.literal(1),
  token: enrolmentTokenSchema,
  id: deviceIdSchema
    .describe(
      "The name that the person on the board asked for; left away where nobody did. Refused where another device has it, or where the token's own name differs",
    )
    .optional(),
  hostname: deviceIdSchema
    .describe('A suggestion for a name where neither token nor request gives one; the hub adds a number where it is taken')
    .optional(),
  agent: z.object({ version: agent.shape.version }),
  hardware: agent.shape.hardware,
});
export type EnrolmentRequest = z.infer<typeof enrolmentRequestSchema>;

/** With status 201. */
export const enrolmentAnswerSchema = z.object({
  v: z.literal(1),
  id: deviceIdSchema.describe('The name that the device has from now on; to be kept, whatever was asked for'),
  hub: z
    .url({ protocol: /^mqtts?$/ })
    .max(2000)
    .describe("The broker's address, as the board reaches it"),
  modelsUrl: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .describe('Where `desired.url` that begins with "/" is fetched from'),
  keys: keysSchema.describe('The key set that the device is to trust from the first; absent where the hub signs nothing').optional(),
});
export type EnrolmentAnswer = z.infer<typeof enrolmentAnswerSchema>;

/**
 * With status 400 (payload_not_json, payload_invalid), 403 (enrolment_token_unknown, _expired, _used), 409 (device_taken,
 * device_name_differs), 413 (payload_too_large), 429 (rate_limited, with a Retry-After header in seconds).
 */
export const enrolmentErrorSchema = z.object({
  error: z.string().min(1).max(64).describe('Of the table of error codes; any string is taken, so that a newer hub can say more'),
  message: z.string().max(500),
});
export type EnrolmentError = z.infer<typeof enrolmentErrorSchema>;
