/** @file What every page's frame reads: counts beside the navigation, the hub's heartbeat. */
import 'server-only';
import { connection } from 'next/server';
import { judge } from '@/lib/attention.ts';
import type { HubFacts } from '@/lib/device-facts.ts';
import { liveStates } from '../rollouts/store/target-set.ts';
import { listedVariants } from '../services/list-variants.ts';
import { readDevices, readHub, toDeviceFacts } from './facts.ts';
import { database } from './process-state.ts';

export type ShellFacts = { hub: HubFacts; devices: number; variants: number; critical: number; rollouts: number };

/** @returns undefined where the database cannot be read; the page itself says why. */
export async function loadShell(now: number): Promise<ShellFacts | undefined> {
  await connection();
  try {
    const db = await database();
    const [rows, variants, hub, rollouts] = await Promise.all([
      readDevices(db),
      db.variant.count({ where: listedVariants }),
      readHub(db, now),
      db.rollout.count({ where: { state: { in: liveStates } } }),
    ]);
    const judged = rows.map((row) => judge(toDeviceFacts(row), hub, now));
    const critical = judged.filter(({ attention }) => attention[0]?.severity === 'critical').length;
    return { hub, devices: rows.length, variants, critical, rollouts };
  } catch {
    return undefined;
  }
}
