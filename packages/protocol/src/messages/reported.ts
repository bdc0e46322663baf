/** @file reported (agent → hub, retained): what the device is, how far its update has come, and the last error with its cause. */
import { z } from 'zod';
import { wireErrorSchema } from '../errors.ts';
import { sessionIdSchema, timestampSchema } from '../ids.ts';
import { updateCodeSchema, updatePhaseSchema } from '../update-machine.ts';
import { precisionSchema, rhoSchema, variantSchema } from '../variant.ts';

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
  inference: z
    .object({
      provider: z.string().min(1).max(40).describe("ONNX Runtime's execution provider: cpu, cuda, tensorrt, …"),
      threads: z.number().int().min(1).max(1024).describe('Threads that work on one inference'),
      precision: precisionSchema.describe('What runs, which is not the precision of the variant where a twin of it is faster here'),
      tuned: z.boolean().describe('Chosen by measurement on this device; otherwise by setting or default'),
      reason: z.string().max(500).describe('Why not what was preferred').optional(),
    })
    .describe('How the serving variant runs')
    .optional(),
  governor: z
    .object({
      rho: rhoSchema.describe('Resolution that is served'),
      rate: z.number().positive().max(1000).describe('Frames a second that are let through; absent where all are').optional(),
      step: z.number().int().min(0).max(1000).describe('0 is the full quality; each further one is cheaper'),
      of: z.number().int().min(1).max(1001).describe('How many steps the allowed set has'),
      reason: z.string().max(500).describe('Why it is not at step 0').optional(),
      since: timestampSchema,
    })
    .describe('Where the governor stands; absent where none is set')
    .optional(),
});
export type Reported = z.infer<typeof reportedSchema>;
