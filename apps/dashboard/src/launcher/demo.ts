/** @file The demonstration fleet of `alpharho start`: three agents on this machine, each with another variant, watching the built-in inspection line. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '@alpharho/db';
import { buildVariant, inspectionLineLabels } from '@alpharho/mobilenet-core';
import type { BlobStore } from '../server/blob-store.ts';
import { addVariant } from '../server/services/add-variant.ts';

export type DemoDevice = { id: string; camera: string; modelFile: string; alpha: number; rho: number };

/** Small, middle, large: the corners and the middle of the α × ρ ladder. The seed makes the same file on every machine. */
const devices = [
  { id: 'line-01', alpha: 0.25, rho: 128, seed: 1 },
  { id: 'line-02', alpha: 0.5, rho: 160, seed: 2 },
  { id: 'line-03', alpha: 1, rho: 224, seed: 3 },
];

const framesPerSecond = 10;

/** Writes the variants' files where they are missing, and enters them in the registry. */
export async function prepareDemoFleet(dataDir: string, db: Database, blobs: BlobStore): Promise<DemoDevice[]> {
  const folder = join(dataDir, 'demo');
  await mkdir(folder, { recursive: true });
  const fleet: DemoDevice[] = [];
  for (const { id, alpha, rho, seed } of devices) {
    const modelFile = join(folder, `v1-${alpha}-${rho}-seed${seed}.onnx`);
    await addVariant(db, blobs, await readOrBuild(modelFile, { alpha, rho, seed }));
    fleet.push({ id, alpha, rho, modelFile, camera: `synthetic:inspection?seed=${seed}&rate=${framesPerSecond}` });
  }
  return fleet;
}

async function readOrBuild(file: string, { alpha, rho, seed }: { alpha: number; rho: number; seed: number }): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const bytes = buildVariant({ family: 'v1', alpha, rho, labels: [...inspectionLineLabels], seed });
  await writeFile(`${file}.part`, bytes);
  await rename(`${file}.part`, file);
  return bytes;
}
