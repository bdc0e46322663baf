/** @file Where a variant is in use: what would break if its file went away. */
import type { Database } from '@alpharho/db';

export type VariantUse = { deviceId: string /** In words: "serves it". */; how: string };

/** States of a rollout in which nothing more happens by itself. */
const ended = ['completed', 'aborted', 'rolled_back'];

type Reader = Pick<Database, 'device' | 'rollout' | 'rolloutDevice'>;

/** One line a device, the strongest reason first; devices by name. Rollouts that name it without a device yet come with the rollout's name. */
export async function variantUses(db: Reader, id: string): Promise<VariantUse[]> {
  const [serving, desired, inRollouts, back, drafts] = await Promise.all([
    db.device.findMany({ where: { servingId: id }, select: { id: true } }),
    db.device.findMany({ where: { desiredId: id }, select: { id: true } }),
    db.rolloutDevice.findMany({
      where: { variantId: id, rollout: { state: { notIn: ended } } },
      select: { deviceId: true, rollout: { select: { name: true } } },
    }),
    db.rolloutDevice.findMany({
      where: { previousId: id },
      select: {
        deviceId: true,
        variantId: true,
        rollout: { select: { name: true, state: true } },
        device: { select: { desiredId: true } },
      },
    }),
    db.rollout.findMany({
      where: { state: { notIn: ended }, spec: { contains: id }, devices: { none: { variantId: id } } },
      select: { name: true },
    }),
  ]);
  const uses = new Map<string, string>();
  const add = (deviceId: string, how: string) => {
    if (!uses.has(deviceId)) uses.set(deviceId, how);
  };
  for (const { id: deviceId } of serving) add(deviceId, 'serves it');
  for (const { id: deviceId } of desired) add(deviceId, 'is to serve it');
  for (const { deviceId, rollout } of inRollouts) add(deviceId, `gets it in rollout ${rollout.name}`);
  for (const { deviceId, variantId, rollout, device } of back) {
    // The way back of a rollout ends where the device was given something else since.
    if (!ended.includes(rollout.state) || device.desiredId === variantId) add(deviceId, `would go back to it from rollout ${rollout.name}`);
  }
  const devices = [...uses].map(([deviceId, how]) => ({ deviceId, how }));
  devices.sort((a, b) => a.deviceId.localeCompare(b.deviceId, 'en', { numeric: true }));
  return [...devices, ...drafts.map(({ name }) => ({ deviceId: `rollout ${name}`, how: 'names it' }))];
}
