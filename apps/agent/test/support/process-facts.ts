/** @file What the kernel says of another process. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export type ProcessFacts = { readonly rssBytes: number; readonly threads: number; readonly files: number };

export function factsOf(pid: number): ProcessFacts {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const value = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  return { rssBytes: value('VmRSS') * 1024, threads: value('Threads'), files: readdirSync(`/proc/${pid}/fd`).length };
}

/** Children of a process whose command is `name`. */
export function childrenOf(pid: number, name: string): number[] {
  try {
    return execFileSync('pgrep', ['-P', String(pid), '-x', name], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map(Number);
  } catch {
    return [];
  }
}
