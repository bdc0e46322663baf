/** @file The device update machine of DESIGN.md §5: a transition table and a pure reduce. The agent runs it, the hub and pages read its phases. */
import { z } from 'zod';

export const updatePhases = [
  'idle',
  'downloading',
  'verifying',
  'staged',
  'warming',
  'shadowing',
  'switching',
  'probation',
  'committed',
  'rolled_back',
  'failed',
] as const;
export const updatePhaseSchema = z.enum(updatePhases);
export type UpdatePhase = z.infer<typeof updatePhaseSchema>;

/** How an update ended: refused is never retried, failed_no_change is retried with back-off. */
export const updateCodes = ['ok', 'refused', 'failed_no_change', 'rolled_back', 'unable_to_roll_back'] as const;
export const updateCodeSchema = z.enum(updateCodes);
export type UpdateCode = z.infer<typeof updateCodeSchema>;
