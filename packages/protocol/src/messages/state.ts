/** @file state (agent → Home Assistant's broker): the latest label and figures in one message, from which its entities are filled. */
import { z } from 'zod';
import { sessionIdSchema, timestampSchema } from '../ids.ts';

const name = z.string().min(1).max(100);

export const stateSchema = z.object({
  v: z.literal(1),
  session: sessionIdSchema,
  at: timestampSchema,
  label: z.string().max(200).describe('Of the latest result that the publish policy let through; absent before the first').optional(),
  probability: z.number().min(0).max(1.0001).describe("The label's").optional(),
  variant: name.describe('Name of the variant that serves'),
  framesPerSecond: z.number().nonnegative().describe('Classified frames a second of late'),
  latencyP95: z.number().nonnegative().describe('Captured frame → result, milliseconds, of late').optional(),
  temperature: z.number().min(-60).max(250).describe('Hottest thermal zone, °C').optional(),
  update: z.object({
    installed: name.describe('The variant that serves, with the beginning of its SHA-256'),
    latest: name.describe('The variant that the hub desires; the same where it is installed'),
    inProgress: z.boolean(),
    percentage: z.number().min(0).max(100).describe('Of the download, while downloading').optional(),
  }),
});
export type DeviceState = z.infer<typeof stateSchema>;
