/** @file Pictures of devices: those that came with events, and those that operators asked for. */
import 'server-only';
import { deviceTextOrNull } from '@/lib/device-text.ts';
import type { SnapshotFacts } from '@/lib/snapshot-facts.ts';
import { snapshotOpenMs } from '../services/request-snapshot.ts';
import { parseTop } from './facts.ts';
import { database } from './process-state.ts';

export type Picture = { type: string; image: Uint8Array<ArrayBuffer> };

export async function loadThumbnail(deviceId: string, eventId: number): Promise<Picture | null> {
  const db = await database();
  return db.eventThumbnail.findFirst({ where: { eventId, deviceId }, select: { type: true, image: true } });
}

export async function loadSnapshotPicture(deviceId: string, id: string): Promise<Picture | null> {
  const db = await database();
  const row = await db.snapshot.findFirst({ where: { id, deviceId }, select: { type: true, image: true } });
  return row?.image && row.type !== null ? { type: row.type, image: row.image } : null;
}

/** The newest request, and the newest that brought a picture, which may be the same. */
export async function loadSnapshots(deviceId: string): Promise<{ latest: SnapshotFacts | null; picture: SnapshotFacts | null }> {
  const db = await database();
  const newest = { orderBy: { requestedAt: 'desc' }, omit: { image: true } } as const;
  const [latest, picture] = await Promise.all([
    db.snapshot.findFirst({ where: { deviceId }, ...newest }),
    db.snapshot.findFirst({ where: { deviceId, type: { not: null } }, ...newest }),
  ]);
  const facts = (row: NonNullable<typeof latest>): SnapshotFacts => ({
    id: row.id,
    openUntil: row.requestedAt.getTime() + snapshotOpenMs,
    requestedAt: row.requestedAt.getTime(),
    answered: row.answeredAt !== null,
    at: row.at?.getTime() ?? null,
    errorCode: row.errorCode,
    errorMessage: deviceTextOrNull(row.errorMessage),
    label: parseTop(row.top)[0]?.label ?? null,
    width: row.width,
    height: row.height,
  });
  return { latest: latest && facts(latest), picture: picture && facts(picture) };
}
