/** @file The streams that a device keeps until the hub has committed them, each with sequence numbers of its own. */
import { z } from 'zod';

/** Highest priority first: an outbox that is full gives up entries of the last one first. */
export const streams = ['status', 'events', 'telemetry', 'results'] as const;
export const streamSchema = z.enum(streams).describe('`status`: update phases; `events`: everything else that happened');
export type Stream = z.infer<typeof streamSchema>;
