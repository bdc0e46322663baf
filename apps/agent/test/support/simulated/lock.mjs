/** @file One reader at a time: its process number stands in a file while it reads. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** @returns false where another one reads; the file `refused` says so from then on */
export function acquire({ lock, refused }) {
  if (existsSync(lock) && isAlive(Number(readFileSync(lock, 'utf8')))) {
    writeFileSync(refused, String(process.pid));
    return false;
  }
  writeFileSync(lock, String(process.pid));
  return true;
}

export function release({ lock }) {
  rmSync(lock, { force: true });
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
