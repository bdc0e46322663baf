/** @file How busy the machine is: processor time and memory, as the kernel counts them in /proc. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

type Times = { readonly busy: number; readonly total: number };

/** Processor time between one reading and the next. */
export class ProcessorLoad {
  private readonly root: string;
  private before: Times | undefined;

  constructor(root: string) {
    this.root = root;
  }

  /** @returns 0 to 1, 1 is all cores at work; undefined at the first reading, or where the kernel gives no figures */
  async read(): Promise<number | undefined> {
    const { before } = this;
    const times = parseTimes(await readFile(join(this.root, 'proc/stat'), 'utf8').catch(() => ''));
    this.before = times;
    if (before === undefined || times === undefined || times.total <= before.total) return undefined;
    return Math.min(Math.max((times.busy - before.busy) / (times.total - before.total), 0), 1);
  }
}

/** user, nice, system, idle, iowait, irq, softirq, steal; guest times are in user already (proc_stat(5)). */
function parseTimes(text: string): Times | undefined {
  const fields = /^cpu\s+([\d ]+)/.exec(text)?.[1]?.trim().split(' ').slice(0, 8).map(Number) ?? [];
  if (fields.length < 5) return undefined;
  const total = fields.reduce((sum, field) => sum + field, 0);
  return { busy: total - (fields[3] ?? 0) - (fields[4] ?? 0), total };
}

export type Memory = { readonly memoryTotalBytes: number; readonly memoryAvailableBytes: number };

/** @returns undefined where the kernel gives no figures */
export async function readMemory(root: string): Promise<Memory | undefined> {
  const text = await readFile(join(root, 'proc/meminfo'), 'utf8').catch(() => '');
  const bytes = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? Number.NaN) * 1024;
  const [memoryTotalBytes, memoryAvailableBytes] = [bytes('MemTotal'), bytes('MemAvailable')];
  return Number.isFinite(memoryTotalBytes) && Number.isFinite(memoryAvailableBytes)
    ? { memoryTotalBytes, memoryAvailableBytes }
    : undefined;
}
