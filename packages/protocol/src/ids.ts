/** @file Identifiers that cross the wire, each with the one schema that parses it. */
import { z } from 'zod';

/** A device's name on the wire: one MQTT topic level, so no `/`, `+`, `#`, and short enough for any broker. */
export const deviceIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a device id is 1 to 64 letters, digits, ".", "_" or "-", starting with a letter or digit')
  .describe('Name of a device');
export type DeviceId = z.infer<typeof deviceIdSchema>;

export const sessionIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{8,36}$/, 'a session id is 8 to 36 letters, digits, "_" or "-"')
  .describe("One run of an agent process. Random, so that a stale last will can be told from the living session's");
export type SessionId = z.infer<typeof sessionIdSchema>;

export const sha256Schema = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'a SHA-256 is 64 lower-case hexadecimal digits')
  .describe("A variant's identity: the SHA-256 of its file");
export type Sha256 = z.infer<typeof sha256Schema>;

/** The largest is the last instant that a JavaScript Date can hold. */
export const timestampSchema = z
  .number()
  .int()
  .min(0)
  .max(8.64e15)
  .describe("Milliseconds since 1970-01-01T00:00Z by the sender's clock, which may be wrong");

export const sequenceSchema = z
  .number()
  .int()
  .min(1)
  .max(Number.MAX_SAFE_INTEGER)
  .describe('Counts from 1 within one (device, session, stream); contiguous, never reused');
