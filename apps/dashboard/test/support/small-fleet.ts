/** @file A real database with two variants and six devices of three classes; one of each kind that a rollout leaves out. */
import { openRegistry } from '../../src/server/registry.ts';
import { addVariant } from '../../src/server/services/add-variant.ts';
import { createDatabase, type TestDatabase, variantFile } from './files.ts';

export type SmallFleet = TestDatabase & { /** What most serve. */ old: string; next: string };

/** `cam-1`, `cam-2` (offline) and `orin-1` can be given the next variant; `cam-3`, `cam-4` and `small-1` cannot. */
export async function createSmallFleet(): Promise<SmallFleet> {
  const database = await createDatabase();
  const registry = await openRegistry(database.db, { dataDir: database.folder });
  const { id: old } = await addVariant(registry, variantFile(1));
  const { id: next } = await addVariant(registry, variantFile(2));
  const of = (id: string, hardwareClass: string, more: object = {}) => ({
    ...{ id, hardwareClass, servingId: old, presence: 'online' },
    ...more,
  });
  const bad = JSON.stringify([{ sha256: next, code: 'shadow_slow', at: 0 }]);
  await database.db.device.createMany({
    data: [
      of('cam-1', 'Pi 4'),
      of('cam-2', 'Pi 4', { presence: 'offline' }),
      of('cam-3', 'Pi 4', { quarantined: bad }),
      of('cam-4', 'Pi 4', { servingId: next }),
      of('orin-1', 'Orin'),
      of('small-1', 'Pi Zero', { memoryBytes: 100_000_000n }),
    ],
  });
  return { ...database, old, next };
}
