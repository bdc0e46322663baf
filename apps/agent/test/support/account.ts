/** @file What became of every frame that an agent saw and of every result that it made: in the history, in its outbox, dropped, or lost. */
import { join } from 'node:path';
import { expect } from 'vitest';
import { SqliteOutbox } from '../../src/io/outbox/sqlite-outbox.ts';
import type { Row, TestHub } from './hub.ts';

/** Times are sent in whole milliseconds. */
const roundingMs = 2;
/** One frame may be in work and one may wait when an agent is told to stop. */
const unfinished = 2;

/**
 * Of a session that has ended: each frame is in the history once and in order, or the newest won over it, which happens on a
 * machine that has no time, and telemetry counts it as dropped. Where a frame is missing, the one before it was in work still.
 */
export function expectEveryFrame(hub: TestHub, session?: string): void {
  const rows = hub.rows(session);
  const frames = rows.map(({ frame }) => frame);
  expect(frames).toEqual([...new Set(frames)].toSorted((a, b) => a - b));
  expect(rows.slice(1).flatMap((row, index) => lostBetween(rows[index] as Row, row))).toEqual([]);
  const told = new Map(hub.heard.telemetry.map(({ message }) => [`${message.session} ${message.seq}`, message]));
  const windows = [...told.values()].filter((window) => session === undefined || window.session === session);
  const sum = (key: 'captured' | 'classified' | 'dropped') => windows.reduce((total, { frames }) => total + frames[key], 0);
  expect(sum('classified')).toBe(rows.length);
  const left = sum('captured') - sum('classified') - sum('dropped');
  expect(left).toBeGreaterThanOrEqual(0);
  expect(left).toBeLessThanOrEqual(unfinished);
}

function lostBetween(one: Row, next: Row): number[] {
  if (one.at + one.ms + roundingMs >= next.at) return [];
  return Array.from({ length: next.frame - one.frame - 1 }, (_, index) => one.frame + 1 + index);
}

/**
 * For an agent that has ended.
 * @returns the numbers, up to the last result that the agent's own telemetry counts, that are neither in the history nor in the outbox
 */
export async function unseen(hub: TestHub, dataDir: string, session?: string): Promise<number[]> {
  const outbox = new SqliteOutbox(join(dataDir, 'outbox.db'));
  const isOurs = (entry: { session: string }): boolean => session === undefined || entry.session === session;
  const kept = (await outbox.read('results', undefined, 100_000)).filter(isOurs);
  const windows = (await outbox.read('telemetry', undefined, 1000)).filter(isOurs);
  await outbox.close();
  const all = new Set([...kept, ...hub.rows(session)].map(({ seq }) => seq));
  const heard = hub.heard.telemetry.map(({ message }) => message).filter(isOurs);
  const counts = new Map(heard.map(({ seq, frames }) => [seq, frames.classified]));
  for (const { seq, body } of windows) counts.set(seq, (JSON.parse(body) as { frames: { classified: number } }).frames.classified);
  const classified = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return Array.from({ length: classified }, (_, index) => index + 1).filter((seq) => !all.has(seq));
}
