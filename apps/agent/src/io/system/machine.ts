/** @file What the machine says of itself: model, cores, memory, temperature, free disk. */
import { readdir, readFile, statfs } from 'node:fs/promises';
import { arch, cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import type { Presence } from '@alpharho/protocol';
import type { System, SystemFacts } from '../../domain/ports.ts';

export type Hardware = NonNullable<Presence['agent']>['hardware'];

/** Names of the board or, where the firmware gives none, of the processor. Linux device tree, then DMI, then /proc/cpuinfo. */
export async function readHardware(): Promise<Hardware> {
  const cores = cpus();
  const model = (await firstText(['/proc/device-tree/model', '/sys/class/dmi/id/product_name'])) ?? cores[0]?.model.trim();
  return { model: (model || 'unknown').slice(0, 200), arch: arch(), cores: Math.max(cores.length, 1), memoryBytes: totalmem() };
}

async function firstText(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const text = await readFile(path, 'utf8').catch(() => '');
    // The device tree ends its strings with a NUL.
    const trimmed = text.replaceAll('\0', '').trim();
    if (trimmed !== '') return trimmed;
  }
  return undefined;
}

export class Machine implements System {
  private readonly dataDir: string;
  private readonly thermal: string;

  /** @param thermal the kernel's folder of thermal zones */
  constructor(dataDir: string, thermal = '/sys/class/thermal') {
    this.dataDir = dataDir;
    this.thermal = thermal;
  }

  async facts(): Promise<SystemFacts> {
    const [temperature, diskFreeBytes] = await Promise.all([hottest(this.thermal), freeBytes(this.dataDir)]);
    return {
      memoryBytes: process.memoryUsage.rss(),
      ...(temperature !== undefined && { temperature }),
      ...(diskFreeBytes !== undefined && { diskFreeBytes }),
    };
  }
}

/** Highest of all thermal zones, °C. The kernel gives thousandths (Documentation/driver-api/thermal/sysfs-api). */
async function hottest(folder: string): Promise<number | undefined> {
  const zones = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith('thermal_zone'));
  const readings = await Promise.all(zones.map((zone) => readFile(join(folder, zone, 'temp'), 'utf8').catch(() => '')));
  // A zone that is switched off reads nothing, or nonsense far outside of what silicon survives.
  const degrees = readings
    .map((text) => (text.trim() === '' ? Number.NaN : Number(text) / 1000))
    .filter((value) => value > -60 && value < 250);
  return degrees.length === 0 ? undefined : Math.max(...degrees);
}

/** Of the folder's disk; of its parent's where the folder is not there yet. */
async function freeBytes(folder: string): Promise<number | undefined> {
  const facts = await statfs(folder).catch(() => statfs(dirname(folder)).catch(() => undefined));
  return facts === undefined ? undefined : facts.bavail * facts.bsize;
}
