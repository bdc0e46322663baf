/** @file What the enrolment dialog reads: the tokens of late, and what came of them. */
import 'server-only';
import { networkInterfaces } from 'node:os';
import { headers } from 'next/headers';
import type { EnrolmentFacts } from '@/lib/enrolment-facts.ts';
import { type BoardAddress, boardAddress } from '../board-address.ts';
import { loadConfig } from '../config.ts';
import { longestTokenMs } from '../services/enrolment-tokens.ts';
import { database } from './process-state.ts';

/** A dialog that is open waits for one of these. */
const most = 50;

/** Newest first. */
export async function loadEnrolments(now: number): Promise<EnrolmentFacts[]> {
  const db = await database();
  const rows = await db.enrolmentToken.findMany({
    where: { createdAt: { gt: new Date(now - longestTokenMs) } },
    orderBy: { createdAt: 'desc' },
    take: most,
    include: { device: { select: { lastSeenAt: true } } },
  });
  return rows.map(({ id, name, expiresAt, usedAt, deviceId, device }) => ({
    id,
    name,
    expiresAt: expiresAt.getTime(),
    usedAt: usedAt?.getTime() ?? null,
    deviceId,
    heardAt: device?.lastSeenAt?.getTime() ?? null,
  }));
}

/** Where boards reach the hub, as far as this machine and the viewer's way here tell. */
export async function readBoardAddress(): Promise<BoardAddress> {
  return boardAddress(loadConfig(), networkInterfaces(), (await headers()).get('host'));
}
