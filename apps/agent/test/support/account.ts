/** @file What became of every frame that an agent saw and of every result that it made: in the history, in its outbox, dropped, or lost. */
import { join } from 'node:path';
import { expect } from 'vitest';
import { SqliteOutbox } from '../../src/io/outbox/sqlite-outbox.ts';
import type { TestHub } from './hub.ts';

/** One frame may be in work and one may wait when an agent is told to stop. */
const unfinished = 2;

/**
 * Of an agent of one session that has ended, and whose outbox is empty: each frame is in the history once and in order, or telemetry counts
 * it as dropped. On a machine that has no time the newest frame wins.
 */
export function expectEveryFrame(hub: TestHub): void {
  const rows = hub.rows();
  const frames = rows.map(({ frame }) => frame);
  expect(frames).toEqual([...new Set(frames)].toSorted((a, b) => a - b));
  const windows = [...new Map(hub.heard.telemetry.map(({ message }) => [message.seq, message.frames])).values()];
  const sum = (key: 'captured' | 'classified' | 'dropped') => windows.reduce((total, counts) => total + counts[key], 0);
  expect(sum('classified')).toBe(rows.length);
  const last = rows.at(-1)?.frame ?? 0;
  expect(sum('dropped')).toBeGreaterThanOrEqual(last - rows.length);
  expect(sum('captured') - rows.length - sum('dropped')).toBeLessThanOrEqual(unfinished);
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
