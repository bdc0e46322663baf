/** @file What the machine says of itself: model, cores, memory, temperature, free disk. */
import { statfs } from 'node:fs/promises';
import { arch, cpus, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { boardName, hottestZone } from '@alpharho/mobilenet-core/device';
import type { Presence } from '@alpharho/protocol';
import type { System, SystemFacts } from '../../domain/ports.ts';

export type Hardware = NonNullable<Presence['agent']>['hardware'];

/** Named after the board or, where the firmware gives no name, after the processor. */
export async function readHardware(): Promise<Hardware> {
  const cores = cpus();
  const model = (await boardName()) ?? cores[0]?.model.trim();
  return { model: (model || 'unknown').slice(0, 200), arch: arch(), cores: Math.max(cores.length, 1), memoryBytes: totalmem() };
}

export class Machine implements System {
  private readonly dataDir: string;
  private readonly root: string;

  /** @param root where /sys is */
  constructor(dataDir: string, root = '/') {
    this.dataDir = dataDir;
    this.root = root;
  }

  async facts(): Promise<SystemFacts> {
    const [temperature, diskFreeBytes] = await Promise.all([hottestZone(this.root), freeBytes(this.dataDir)]);
    return {
      memoryBytes: process.memoryUsage.rss(),
      ...(temperature !== undefined && { temperature }),
      ...(diskFreeBytes !== undefined && { diskFreeBytes }),
    };
  }
}

/** Of the folder's disk; of its parent's where the folder is not there yet. */
async function freeBytes(folder: string): Promise<number | undefined> {
  const facts = await statfs(folder).catch(() => statfs(dirname(folder)).catch(() => undefined));
  return facts === undefined ? undefined : facts.bavail * facts.bsize;
}
