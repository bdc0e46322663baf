/** @file The demonstration fleet of `alpharho start`: three agents on this machine, each with another variant, inspecting the built-in line. */
import { setImmediate } from 'node:timers/promises';
import { demonstrationAlphas, demonstrationRhos, demonstrationVariant } from '@alpharho/mobilenet-core';
import type { Registry } from '../server/registry.ts';
import { addVariant } from '../server/services/add-variant.ts';

export type DemoDevice = { id: string; camera: string; modelFile: string; alpha: number; rho: number };

/** Small, middle, large: the corners and the middle of the α × ρ grid that weights come with. Each seed is a line of its own. */
const devices = [
  { id: 'line-01', alpha: 0.25, rho: 128, seed: 1001 },
  { id: 'line-02', alpha: 0.5, rho: 160, seed: 1002 },
  { id: 'line-03', alpha: 1, rho: 224, seed: 1003 },
];

const framesPerSecond = 10;

/** Enters the variants that the devices begin with in the registry; its files are the agents' first models. */
export async function prepareDemoFleet(registry: Registry): Promise<DemoDevice[]> {
  const fleet: DemoDevice[] = [];
  for (const { id, alpha, rho, seed } of devices) {
    const variant = await addVariant(registry, demonstrationVariant({ alpha, rho }));
    const camera = `synthetic:inspection?seed=${seed}&rate=${framesPerSecond}`;
    fleet.push({ id, alpha, rho, camera, modelFile: registry.blobs.fileOf(variant.id) });
  }
  return fleet;
}

/**
 * Enters all the other demonstration variants, so that there is something to change to: accuracy against cost over the whole grid.
 * Each takes a fraction of a second of this thread; between two of them, others have their turn.
 */
export async function addDemonstrationGrid(registry: Registry, signal: AbortSignal): Promise<void> {
  for (const alpha of demonstrationAlphas) {
    for (const rho of demonstrationRhos) {
      await setImmediate();
      if (signal.aborted) return;
      await addVariant(registry, demonstrationVariant({ alpha, rho }));
    }
  }
}
