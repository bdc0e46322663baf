/** @file What happens to an agent in the field, at random times from a seed. Each fault ends by itself before the next begins. */
import { execFileSync } from 'node:child_process';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrozenProxy } from './frozen-proxy.ts';
import type { TestHub } from './hub.ts';
import { childrenOf } from './process-facts.ts';

export type Field = {
  readonly hub: TestHub;
  readonly proxy: FrozenProxy;
  readonly agentPid: () => number;
  /** The camera's file. */
  readonly video: string;
  /** The agent's data folder, where it is a small disk of its own. */
  readonly smallDisk: string | undefined;
};

type Fault = (field: Field, ms: number) => Promise<void>;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const killFfmpeg: Fault = async ({ agentPid }) => {
  for (const pid of childrenOf(agentPid(), 'ffmpeg')) process.kill(pid, 'SIGKILL');
};

export const faults: Record<string, Fault> = {
  'ffmpeg killed': killFfmpeg,
  'camera gone': async (field, ms) => {
    await rename(field.video, `${field.video}.away`);
    await killFfmpeg(field, ms);
    await pause(ms);
    await rename(`${field.video}.away`, field.video);
  },
  'broker killed': async ({ hub }, ms) => {
    await hub.kill();
    await pause(ms);
    await hub.listen();
  },
  'connection cut': async ({ proxy }) => proxy.cut(),
  'connection frozen': async ({ proxy }, ms) => {
    proxy.freeze();
    await pause(ms);
    proxy.thaw();
  },
  'hub does not commit': async ({ hub }, ms) => {
    hub.acknowledges = false;
    await pause(ms);
    hub.acknowledges = true;
  },
  'disk full': async ({ hub, smallDisk }, ms) => {
    if (smallDisk === undefined) return;
    const ballast = join(smallDisk, 'ballast');
    await writeFile(ballast, Buffer.alloc(64_000_000)).catch(() => undefined);
    // Only what the hub has not taken is written.
    hub.acknowledges = false;
    await pause(ms);
    hub.acknowledges = true;
    await rm(ballast, { force: true });
  },
};

/** @returns where a small disk was mounted; undefined without the right to */
export function mountSmallDisk(folder: string): string | undefined {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', folder], { stdio: 'ignore' });
    return folder;
  } catch {
    process.stderr.write('without a full disk: no right to mount a tmpfs\n');
    return undefined;
  }
}
