/** @file What a running agent keeps for its hub, by its own metrics. */
import { expect } from 'vitest';
import { patience } from './wait.ts';

/** Waits until so many entries wait for the hub. @param port where the agent tells its state */
export async function outboxHolds(port: number, entries: number): Promise<void> {
  const depth = async (): Promise<number> => {
    const text = await fetch(`http://127.0.0.1:${port}/metrics`).then(
      (answer) => answer.text(),
      () => '',
    );
    return Number(/^alpharho_agent_outbox_entries (\d+)$/m.exec(text)?.[1]);
  };
  const waiting = { timeout: 30_000 * patience, interval: 100, message: `${entries} entries in the outbox` };
  await expect.poll(depth, waiting).toBeGreaterThanOrEqual(entries);
}
