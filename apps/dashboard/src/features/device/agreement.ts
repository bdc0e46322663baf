/** @file Desired against reported, row by row. Pure. */
import type { JudgedDevice } from '@/lib/attention.ts';
import { shortDigest } from '@/lib/format.ts';
import { isInMotion, updateWords } from '@/lib/status.ts';

export type AgreementRow = { field: string; desired: string; reported: string; agrees: boolean; reason: string | null };

/** @returns an empty list where nothing is desired: there is nothing to compare. */
export function agreement({ facts, connectivity, update }: JudgedDevice): AgreementRow[] {
  if (facts.desiredId === null) return [];
  const seen = facts.seenRevision >= facts.desiredRevision;
  const serves = facts.servingId === facts.desiredId;
  const away = connectivity.state === 'offline' || connectivity.state === 'new';
  const settled = serves && !isInMotion(update.state);
  return [
    {
      field: 'revision',
      desired: String(facts.desiredRevision),
      reported: facts.seenRevision === 0 ? 'none seen' : String(facts.seenRevision),
      agrees: seen,
      reason: seen ? null : away ? 'offline: it learns of it when it is back' : 'on its way to the device',
    },
    {
      field: 'variant',
      desired: shortDigest(facts.desiredId),
      reported: facts.servingId === null ? 'none' : shortDigest(facts.servingId),
      agrees: serves,
      reason: serves ? null : updateWords[update.state].toLowerCase(),
    },
    {
      field: 'phase',
      desired: 'at rest',
      reported: facts.phase.replace('_', ' '),
      agrees: settled,
      reason: settled ? null : (facts.errorMessage ?? updateWords[update.state].toLowerCase()),
    },
  ];
}
