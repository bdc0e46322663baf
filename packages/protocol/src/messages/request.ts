/** @file request (hub → agent): something that a device is asked for once. It is not kept: a device that is away never hears of it. */
import { z } from 'zod';
import { timestampSchema } from '../ids.ts';

/** A request older than this is refused, milliseconds. */
export const requestMaxAgeMs = 60_000;

export const requestIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{8,36}$/, 'a request id is 8 to 36 letters, digits, "_" or "-"')
  .describe('Random; the answer carries it');

export const requestSchema = z.object({
  v: z.literal(1),
  id: requestIdSchema,
  kind: z.literal('snapshot').describe('`snapshot`: a picture of what the camera sees now, answered on topic `snapshot`'),
  issuedAt: timestampSchema.describe(
    "When it was asked for, by the device's clock as far as the hub knows its offset: that clock may be wrong",
  ),
  maxSide: z.number().int().min(16).max(1024).describe('The picture is made smaller where a side of it is longer, pixels').optional(),
});
export type DeviceRequest = z.infer<typeof requestSchema>;
