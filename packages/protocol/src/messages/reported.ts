/** @file reported (agent → hub, retained): what the device is, how far its update has come, and the last error with its cause. */
import { z } from 'zod';
import { wireErrorSchema } from '../errors.ts';
import { sessionIdSchema, timestampSchema } from '../ids.ts';
import { updateCodeSchema, updatePhaseSchema } from '../update-machine.ts';
import { variantSchema } from '../variant.ts';

export const reportedSchema = z.object({
  v: z.literal(1),
  session: sessionIdSchema,
  at: timestampSchema,
  serving: variantSchema.describe('The variant that answers frames now'),
  servingSince: timestampSchema,
  revision: z.number().int().nonnegative().describe('Highest desired revision seen; 0 before the first'),
  phase: updatePhaseSchema,
  phaseSince: timestampSchema,
  progress: z.number().min(0).max(100).describe('Percent of the download, while downloading').optional(),
  outcome: updateCodeSchema.describe('How the latest finished update ended').optional(),
  lastError: wireErrorSchema.optional(),
});
export type Reported = z.infer<typeof reportedSchema>;
