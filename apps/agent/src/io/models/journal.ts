/** @file The update journal. */
import { type KeptState, keptStateSchema } from '../../domain/kept-state.ts';
import type { Journal, Log } from '../../domain/ports.ts';
import { StateFile } from '../system/state-file.ts';

/** Far above what the schema can take. */
const maxBytes = 64 * 1024;

export function fileJournal(file: string, log: Log): Journal {
  return new StateFile<KeptState>({ file, schema: keptStateSchema, maxBytes, otherwise: "the hub's desired state restores it", log });
}
