/** @file In which rollout that is not over a device is. */
import 'server-only';
import type { RolloutDeviceState, RolloutState } from '@alpharho/protocol';
import { liveStates } from '../rollouts/store/target-set.ts';
import { database } from './process-state.ts';

export type DeviceRolloutFacts = { id: string; name: string; state: RolloutState; phase: number; device: RolloutDeviceState };

/** One at most: a rollout leaves the devices of another one out. */
export async function loadDeviceRollout(deviceId: string): Promise<DeviceRolloutFacts | null> {
  const db = await database();
  const row = await db.rolloutDevice.findFirst({
    where: { deviceId, state: { notIn: ['skipped', 'superseded'] }, rollout: { state: { in: liveStates } } },
    select: { state: true, phase: true, rollout: { select: { id: true, name: true, state: true } } },
    orderBy: { rollout: { createdAt: 'desc' } },
  });
  if (row === null) return null;
  const { id, name, state } = row.rollout;
  return { id, name, state: state as RolloutState, phase: row.phase, device: row.state as RolloutDeviceState };
}
