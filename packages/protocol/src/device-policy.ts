/** @file How carefully a device takes a new variant into service. It comes with each desired state. */
import { z } from 'zod';

const minute = 60_000;
const hour = 60 * minute;

const milliseconds = (max: number) => z.number().int().min(1_000).max(max);

export const devicePolicySchema = z.object({
  shadow: z
    .object({
      frames: z.number().int().min(0).max(5_000).default(100).describe('Live frames that both variants answer; 0 passes shadowing over'),
      minAgreement: z
        .number()
        .min(0)
        .max(1)
        .default(0.3)
        .describe(
          'Least share of them with the same top label. The default stops what is plainly wrong: a far larger model differs much, too',
        ),
      maxP95Ms: z.number().positive().max(hour).describe('Highest p95 of a frame by the new variant, milliseconds').optional(),
      maxP95Ratio: z.number().positive().max(1_000).describe('Highest p95 relative to the variant that serves').optional(),
      maxMemoryBytes: z
        .number()
        .int()
        .positive()
        .max(2 ** 40)
        .describe("Most that the agent's process may take more with the new variant open beside the old one")
        .optional(),
      withinMs: milliseconds(24 * hour)
        .default(10 * minute)
        .describe('Time in which the frames must come'),
    })
    .prefault({}),
  probation: z
    .object({
      frames: z.number().int().min(0).max(5_000).default(30).describe('Good answers in service before the variant has proven itself'),
      withinMs: milliseconds(24 * hour)
        .default(5 * minute)
        .describe("Time in which they and the hub's word must come; else the old variant serves again"),
    })
    .prefault({}),
  step: z
    .object({
      ms: milliseconds(6 * hour)
        .default(5 * minute)
        .describe('Longest that a step may show no progress: download, verification, warm-up, switch'),
    })
    .prefault({}),
});
export type DevicePolicy = z.infer<typeof devicePolicySchema>;

/** What stands where nobody says otherwise. */
export const defaultDevicePolicy: DevicePolicy = devicePolicySchema.parse({});
