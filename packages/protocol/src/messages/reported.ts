/** @file reported (agent → hub, retained): what the device is, how far its update has come, and the last error with its cause. */
import { z } from 'zod';
import { wireErrorSchema } from '../errors.ts';
import { sessionIdSchema, sha256Schema, timestampSchema } from '../ids.ts';
import { updateCodeSchema, updatePhaseSchema } from '../update-machine.ts';
import { precisionSchema, rhoSchema, variantSchema } from '../variant.ts';

/** A device may keep more of them; it tells the latest. */
export const maxReportedQuarantine = 20;

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
  held: z.literal(true).describe('The update waits in `staged` because the desired state says `hold`').optional(),
  shadow: z
    .object({
      frames: z.number().int().nonnegative().describe('Frames that both variants answered'),
      agreement: z.number().min(0).max(1).describe('Share of them with the same top label; absent where nothing served before').optional(),
      p95Ms: z.number().nonnegative().describe('Of the new variant, preprocess to postprocess, milliseconds'),
      baselineP95Ms: z.number().nonnegative().describe('Of the serving variant on the same frames').optional(),
      memoryBytes: z.number().int().nonnegative().describe('What the process takes more with both open'),
    })
    .describe('Of the latest update that came to shadowing')
    .optional(),
  quarantined: z
    .array(z.object({ sha256: sha256Schema, code: wireErrorSchema.shape.code, at: timestampSchema }))
    .max(maxReportedQuarantine)
    .describe('Variants that failed here by running, the latest first')
    .optional(),
  keys: z
    .object({ version: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER) })
    .describe('The key set that the device trusts; absent where it has none')
    .optional(),
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
