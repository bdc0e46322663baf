/** @file A token that an operator made, and how far its board has come. Pure. */

export type EnrolmentFacts = {
  /** Names the token. */
  id: string;
  name: string | null;
  expiresAt: number;
  usedAt: number | null;
  deviceId: string | null;
  /** When its device was last heard. */
  heardAt: number | null;
};

export type EnrolmentState = 'waiting' | 'expired' | 'enrolled' | 'heard';

export function enrolmentState({ expiresAt, usedAt, heardAt }: EnrolmentFacts, now: number): EnrolmentState {
  if (usedAt === null) return now < expiresAt ? 'waiting' : 'expired';
  // A name that was known before was heard before, too.
  return heardAt !== null && heardAt >= usedAt ? 'heard' : 'enrolled';
}
