/** @file The key set that this device trusts, in its data folder. */

import { type KeptKeys, keptKeysSchema } from '../../domain/kept-keys.ts';
import type { KeyStore, Log } from '../../domain/ports.ts';
import { StateFile } from '../system/state-file.ts';

/** Far above what the schema can take. */
const maxBytes = 128 * 1024;

export function fileKeyStore(file: string, log: Log): KeyStore {
  const otherwise = 'the set of --trust counts from now on, or else the next one that the hub sends';
  return new StateFile<KeptKeys>({ file, schema: keptKeysSchema, maxBytes, otherwise, log });
}
