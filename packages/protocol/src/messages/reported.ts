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
  /** The variant that answers frames now. */
  serving: variantSchema,
  servingSince: timestampSchema,
  /** Highest desired revision seen; 0 before the first. */
  revision: z.number().int().nonnegative(),
  phase: updatePhaseSchema,
  phaseSince: timestampSchema,
  /** Percent of the download, while downloading. */
  progress: z.number().min(0).max(100).optional(),
  /** How the latest finished update ended. */
  outcome: updateCodeSchema.optional(),
  lastError: wireErrorSchema.optional(),
});
export type Reported = z.infer<typeof reportedSchema>;
