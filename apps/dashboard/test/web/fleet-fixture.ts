/** @file A real database in a temporary folder, for the pages' queries, which find the folder in the environment. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, migrate, openDatabase } from '@alpharho/db';
import { LatencySketch } from '@alpharho/protocol';
import { afterAll, beforeAll } from 'vitest';

export const dataDir = mkdtempSync(join(tmpdir(), 'alpharho-web-'));
process.env.ALPHARHO_DATA_DIR = dataDir;

const holder: { db?: Database } = {};

/** A second connection, as the hub's is. */
export function hub(): Database {
  if (holder.db === undefined) throw new Error('the database is opened before the first test');
  return holder.db;
}

beforeAll(async () => {
  const file = join(dataDir, 'alpharho.db');
  await migrate(file);
  holder.db = await openDatabase({ file });
});

afterAll(async () => {
  await holder.db?.$disconnect();
  rmSync(dataDir, { recursive: true, force: true });
});

export async function addVariant(id: string, more: { alpha?: number; rho?: number; stored?: boolean } = {}): Promise<void> {
  const data = {
    id,
    family: 'v1',
    alpha: 0.5,
    rho: 160,
    precision: 'float32',
    classes: 3,
    weights: 'random',
    bytes: 1000,
    stored: true,
    // What is stored is signed; what a signature says is of no concern to pages.
    ...(more.stored !== false && { manifest: '{}', keyId: '0123456789abcdef' }),
    ...more,
  };
  await hub().variant.create({ data });
}

export async function addDevice(id: string): Promise<number> {
  await hub().device.create({ data: { id } });
  const session = await hub().session.create({ data: { deviceId: id, session: `session-of-${id}`, startedAt: new Date(0) } });
  return session.id;
}

type WindowSpec = { sessionId: number; seq: number; deviceId: string; variantId: string; start: number; ms: number[] };

/** A window of 10 s whose frames took `ms`. */
export async function addWindow({ ms, start, ...keys }: WindowSpec): Promise<void> {
  const sketch = new LatencySketch();
  for (const value of ms) sketch.record(value);
  const latency = JSON.stringify({ total: sketch.toWire(), inference: sketch.toWire() });
  const frames = { captured: ms.length, classified: ms.length, dropped: 0 };
  const machine = { outbox: 0, memoryBytes: 1n };
  await hub().telemetryWindow.create({
    data: { ...keys, ...frames, ...machine, latency, start: new Date(start), end: new Date(start + 10_000) },
  });
}

/** Results `from` to `to`, ten to a second. */
export async function addResults(deviceId: string, sessionId: number, variantId: string, from: number, to: number): Promise<void> {
  const rows = Array.from({ length: to - from + 1 }, (_, index) => {
    const seq = from + index;
    const at = new Date(1_800_000_000_000 + seq * 100);
    return { deviceId, sessionId, variantId, seq, frame: seq, at, ms: 2, class: 0, label: 'hex bolt', probability: 0.9, top: '[]' };
  });
  await hub().result.createMany({ data: rows });
}
