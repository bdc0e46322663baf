/** @file What a running agent tells of itself in numbers. */
import { expect } from 'vitest';
import { patience } from './wait.ts';

/** @param port where the agent tells its state; empty while it does not */
function metricsOf(port: number): Promise<string> {
  return fetch(`http://127.0.0.1:${port}/metrics`).then(
    (answer) => answer.text(),
    () => '',
  );
}

/** Waits until so many entries wait for the hub. */
export async function outboxHolds(port: number, entries: number): Promise<void> {
  const depth = async () => Number(/^alpharho_agent_outbox_entries (\d+)$/m.exec(await metricsOf(port))?.[1]);
  const waiting = { timeout: 30_000 * patience, interval: 100, message: `${entries} entries in the outbox` };
  await expect.poll(depth, waiting).toBeGreaterThanOrEqual(entries);
}

/** Frames that no classifier took. Those that a newer one took the place of are no loss: a machine that has no time drops them. */
export async function framesLost(port: number): Promise<number> {
  const text = await metricsOf(port);
  expect(text).toContain('alpharho_agent_frames_captured_total');
  const drops = [...text.matchAll(/^alpharho_agent_frames_dropped_total\{reason="(\w+)"\} (\d+)$/gm)];
  return drops.reduce((sum, [, reason, count]) => sum + (reason === 'newer_frame' ? 0 : Number(count)), 0);
}
