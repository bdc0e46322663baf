/** @file Processor time of this process and of the programs that it started, so that a ratio can be read together with what it cost. */
import { readdirSync, readFileSync } from 'node:fs';

/** /proc counts in ticks of 10 ms. */
const tickMs = 10;

/** @returns milliseconds since its start, of a process that lives; none of one that is gone */
export function processorMs(pid: number): number {
  const stat = textOf(`/proc/${pid}/stat`);
  // Behind the name in brackets: state is field 3; user and system time are fields 14 and 15.
  const fields = stat.replace(/^.*\) /s, '').split(' ');
  return stat === '' ? 0 : (Number(fields[11]) + Number(fields[12])) * tickMs;
}

/** @returns milliseconds of all children that live */
export function childrenMs(): number {
  const lists = readdirSync('/proc/self/task').map((task) => textOf(`/proc/self/task/${task}/children`));
  const pids = lists.flatMap((list) => list.split(' ').filter((pid) => pid !== ''));
  return pids.reduce((sum, pid) => sum + processorMs(Number(pid)), 0);
}

/** A process or a thread may end while it is looked at. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
