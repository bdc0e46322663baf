/** @file What is written down of whose signatures count. */
import { keysSchema, sha256Schema } from '@alpharho/protocol';
import { z } from 'zod';

export const keptKeysSchema = z.object({
  v: z.literal(1),
  /** Digest of the set of --trust that this one follows: another file there begins anew. Absent where the first set came from the hub. */
  anchor: sha256Schema.optional(),
  keys: keysSchema,
});
export type KeptKeys = z.infer<typeof keptKeysSchema>;
