/** @file Events for lists: of the fleet, and of one device, newest first. */
import 'server-only';
import type { Database } from '@alpharho/db';
import { deviceText } from '@/lib/device-text.ts';
import { type EventCursor, type EventFacts, type LevelFilter, levelFilters, writeEventCursor } from '@/lib/event-facts.ts';
import { database } from './process-state.ts';

const include = { thumbnail: { select: { width: true, height: true } } } as const;

type Where = NonNullable<Parameters<Database['deviceEvent']['findMany']>[0]>['where'];
type Row = Awaited<ReturnType<typeof readRows>>[number];

/**
 * What the hub told of all devices, and what agents told that wants somebody: labels that changed and phases of updates stand on the
 * device's own page. Each list is read in the order of an index, so that a chatty device costs nothing.
 */
export async function loadFleetEvents(limit: number): Promise<EventFacts[]> {
  const db = await database();
  const lists: Where[] = [
    ...['info', 'warning', 'error'].map((level) => ({ stream: null, level })),
    ...['warning', 'error'].map((level) => ({ stream: 'events', level })),
  ];
  const rows = await Promise.all(lists.map((where) => db.deviceEvent.findMany({ where, include, orderBy: { id: 'desc' }, take: limit })));
  return (
    rows
      .flat()
      .sort((a, b) => b.id - a.id)
      .slice(0, limit)
      // What an outbox kept for a time comes late, and belongs where it happened.
      .sort(newestFirst)
      .map(toFacts)
  );
}

export type EventPage = { events: EventFacts[]; older: string | null };

/** @param options.before where the page before ended. */
export async function loadDeviceEvents(
  deviceId: string,
  { limit, level, before }: { limit: number; level: LevelFilter; before?: EventCursor },
): Promise<EventPage> {
  const db = await database();
  const { levels } = levelFilters[level];
  const lists: Where[] = levels === undefined ? [{ deviceId }] : levels.map((each) => ({ deviceId, level: each }));
  const rows = (await Promise.all(lists.map((where) => readRows(db, where, limit + 1, before)))).flat().sort(newestFirst);
  const events = rows.slice(0, limit).map(toFacts);
  const last = events.at(-1);
  return { events, older: rows.length > limit && last !== undefined ? writeEventCursor(last) : null };
}

function readRows(db: Database, where: Where, take: number, before: EventCursor | undefined) {
  const at = before && new Date(before.at);
  const beyond: Where = before && at && { at: { lte: at }, OR: [{ at: { lt: at } }, { id: { lt: before.id } }] };
  return db.deviceEvent.findMany({ where: { ...where, ...beyond }, include, orderBy: [{ at: 'desc' }, { id: 'desc' }], take });
}

function newestFirst(a: Row, b: Row): number {
  return b.at.getTime() - a.at.getTime() || b.id - a.id;
}

function toFacts({ id, deviceId, at, kind, level, message, thumbnail }: Row): EventFacts {
  return { id, deviceId, at: at.getTime(), kind, level, message: deviceText(message), thumbnail };
}
