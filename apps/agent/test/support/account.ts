/** @file What became of every result that an agent made: in the history, in its outbox, or nowhere. */
import { join } from 'node:path';
import { SqliteOutbox } from '../../src/io/outbox/sqlite-outbox.ts';
import type { TestHub } from './hub.ts';

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
