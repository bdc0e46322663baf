/** @file Whose fault a failure is: the variant's, or that of what is around it. */
import type { ErrorCode } from '@alpharho/protocol';
import type { Entry } from './draft.ts';

/** A refusal or a way back for these reasons says nothing of the variant: the link, the disk, keys, other programs, the hub itself. */
const circumstances = new Set<string>([
  'download_failed',
  'download_too_slow',
  'download_endless',
  'digest_mismatch',
  'length_mismatch',
  'disk_full',
  'disk_read_only',
  'memory_short',
  'quarantined',
  'url_refused',
  'signature_invalid',
  'key_unknown',
  'key_retired',
  'key_role',
  'wrong_device',
  'desired_stale',
  'desired_expired',
  'probation_unconfirmed',
  'step_timeout',
  'interrupted',
] satisfies ErrorCode[]);

/** What counts towards `failuresAllowed`. */
export function failedByVariant({ state, track }: Pick<Entry, 'state' | 'track'>): boolean {
  if (state !== 'failed' && state !== 'rolled_back') return false;
  if (track.outcome === 'failed_no_change') return false;
  return !circumstances.has(track.failure?.code ?? '');
}
