/** @file What the machine says of itself: model, cores, memory, temperature, free disk. */
import { statfs } from 'node:fs/promises';
import { arch, cpus, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { boardName, hottestZone } from '@alpharho/mobilenet-core/device';
import type { Presence } from '@alpharho/protocol';
import type { System, SystemFacts } from '../../domain/ports.ts';
import { ClockSync } from './clock-sync.ts';
import { ProcessorLoad, readMemory } from './load.ts';
import { Throttling } from './throttling.ts';

export type Hardware = NonNullable<Presence['agent']>['hardware'];

/** Named after the board or, where the firmware gives no name, after the processor. */
export async function readHardware(): Promise<Hardware> {
  const cores = cpus();
  const model = (await boardName()) ?? cores[0]?.model.trim();
  return { model: (model || 'unknown').slice(0, 200), arch: arch(), cores: Math.max(cores.length, 1), memoryBytes: totalmem() };
}

export type MachineOptions = {
  readonly dataDir: string;
  readonly monotonic: () => number;
  /** Where /sys, /proc and /run are. */
  readonly root?: string;
  readonly vcgencmd?: string;
  readonly timedatectl?: string;
};

/** Each reading takes a few small files, and a program at most where the board's kernel does not give the figure as a file. */
export class Machine implements System {
  private readonly dataDir: string;
  private readonly root: string;
  private readonly load: ProcessorLoad;
  private readonly throttling: Throttling;
  private readonly clockSync: ClockSync;

  constructor({ dataDir, monotonic, root = '/', vcgencmd = 'vcgencmd', timedatectl = 'timedatectl' }: MachineOptions) {
    this.dataDir = dataDir;
    this.root = root;
    this.load = new ProcessorLoad(root);
    this.throttling = new Throttling({ root, program: vcgencmd, monotonic });
    this.clockSync = new ClockSync({ root, program: timedatectl, monotonic });
  }

  async facts(): Promise<SystemFacts> {
    const [temperature, disk, memory, cpuFraction, throttled, synchronised] = await Promise.all([
      hottestZone(this.root),
      readDisk(this.dataDir),
      readMemory(this.root),
      this.load.read(),
      this.throttling.read(),
      this.clockSync.read(),
    ]);
    return {
      memoryBytes: process.memoryUsage.rss(),
      ...(temperature !== undefined && { temperature }),
      ...disk,
      ...memory,
      ...(cpuFraction !== undefined && { cpuFraction }),
      ...(throttled !== undefined && { throttled }),
      ...(synchronised !== undefined && { clock: { synchronised } }),
    };
  }
}

/** Of the folder's disk; of its parent's where the folder is not there yet. */
async function readDisk(folder: string): Promise<Pick<SystemFacts, 'diskFreeBytes' | 'diskTotalBytes'>> {
  const facts = await statfs(folder).catch(() => statfs(dirname(folder)).catch(() => undefined));
  return facts === undefined ? {} : { diskFreeBytes: facts.bavail * facts.bsize, diskTotalBytes: facts.blocks * facts.bsize };
}
