/** @file Use case: an operator lets one board in. The token is returned once; only its digest is kept. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Database, EnrolmentToken } from '@alpharho/db';
import { raiseChanges } from './raise-changes.ts';

export const defaultTokenMs = 3_600_000;
/** A token that lies about for longer is found by somebody. */
export const longestTokenMs = 24 * 3_600_000;
export const shortestTokenMs = 60_000;

const prefix = 'alp_';
/** Characters of the token that name it. The other 24 hold 144 random bits. */
const idLength = 8;

export type MadeToken = { id: string; token: string; expiresAt: Date };

/** @param options.name what the board is to be called; a name that is known already is that device's new board. */
export async function makeEnrolmentToken(db: Database, options: { name?: string; ttlMs?: number }, now: Date): Promise<MadeToken> {
  const token = `${prefix}${randomBytes(24).toString('base64url')}`;
  const id = idOf(token);
  const expiresAt = new Date(now.getTime() + (options.ttlMs ?? defaultTokenMs));
  await db.$transaction([
    db.enrolmentToken.create({ data: { id, sha256: digest(token), name: options.name ?? null, createdAt: now, expiresAt } }),
    raiseChanges(db, ['fleet']),
  ]);
  return { id, token, expiresAt };
}

/** @param token of the form that the protocol's schema asks for. @returns undefined where there is no such token. */
export async function findToken(db: Pick<Database, 'enrolmentToken'>, token: string): Promise<EnrolmentToken | undefined> {
  const row = await db.enrolmentToken.findUnique({ where: { id: idOf(token) } });
  // The index is searched for the part that names the token; the secret part is compared in constant time.
  if (row === null || !timingSafeEqual(Buffer.from(row.sha256), Buffer.from(digest(token)))) return undefined;
  return row;
}

function idOf(token: string): string {
  return token.slice(prefix.length, prefix.length + idLength);
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
