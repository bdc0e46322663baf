/** @file SIGTERM in every state: a clean end within three seconds, and what was seen is in the history or in the outbox. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unseen } from './support/account.ts';
import type { AgentProcess } from './support/agent-process.ts';
import { FrozenProxy } from './support/frozen-proxy.ts';
import { model, newSetting, type Setting } from './support/setting.ts';
import { mountSmallDisk } from './support/soak-faults.ts';
import { eventually, isSlow, patience } from './support/wait.ts';

const small = model(64);
const large = model(96);
/** Emulated, everything takes its time. */
const endMs = isSlow ? 30_000 : 3000;

let setting: Setting;
const undo: (() => unknown)[] = [];
beforeEach(async () => {
  setting = await newSetting([small, large]);
});
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
  await setting.end();
});

/** A server that takes every connection and says nothing. @returns its port */
async function muteServer(): Promise<number> {
  const server: Server = createServer((socket) => socket.on('error', () => undefined).resume());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  undo.push(() => server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

type State = { readonly name: string; readonly reach: (setting: Setting) => Promise<AgentProcess>; readonly isWhole?: boolean };

const serving = async ({ run, file, hub }: Setting, args: readonly string[] = []): Promise<AgentProcess> => {
  const agent = run(['--model', await file(small), ...args]);
  await eventually('results', () => hub.history.size >= 5);
  return agent;
};

const states: State[] = [
  {
    name: 'while it starts',
    reach: async ({ run, file, dataDir }) => {
      const agent = run(['--model', await file(small)]);
      await eventually('the outbox', () => existsSync(join(dataDir, 'outbox.db')));
      return agent;
    },
  },
  { name: 'while it serves', reach: (here) => serving(here), isWhole: true },
  {
    name: 'without a hub',
    isWhole: true,
    reach: async (here) => {
      const agent = await serving(here);
      await here.hub.kill();
      await agent.says(/out of reach/);
      return agent;
    },
  },
  {
    name: 'while the hub is silent',
    isWhole: true,
    reach: async (here) => {
      const proxy = await FrozenProxy.start({ port: here.hub.port });
      undo.push(() => proxy.stop());
      const agent = await serving(here, ['--hub', proxy.url]);
      proxy.freeze();
      return agent;
    },
  },
  {
    name: 'while the hub does not commit',
    isWhole: true,
    reach: async (here) => {
      const agent = await serving(here);
      here.hub.acknowledges = false;
      return agent;
    },
  },
  {
    name: 'while it downloads',
    isWhole: true,
    reach: async (here) => {
      const agent = await serving(here);
      const port = await muteServer();
      here.desire(large, 1, { url: `http://127.0.0.1:${port}/models/x` });
      await eventually('the download', () => here.lastReported()?.phase === 'downloading');
      return agent;
    },
  },
  ...(['warming', 'switching', 'probation'] as const).map((phase) => ({
    name: `in the phase ${phase}`,
    isWhole: true,
    reach: async (here: Setting) => {
      const agent = await serving(here, phase === 'probation' ? ['--camera', 'synthetic:inspection?rate=2'] : []);
      here.desire(large, 1);
      await eventually(phase, () => here.hub.heard.reported.some(({ message }) => message.phase === phase), 30_000);
      return agent;
    },
  })),
  {
    name: 'while the camera hangs',
    isWhole: true,
    reach: async (here) => {
      const port = await muteServer();
      const agent = here.run(['--model', await here.file(small), '--camera', `rtsp://127.0.0.1:${port}/mute`]);
      await agent.says(/connected/);
      return agent;
    },
  },
  {
    name: 'while the disk is full',
    reach: async (here) => {
      await mkdir(here.dataDir);
      const disk = mountSmallDisk(here.dataDir);
      if (disk !== undefined) undo.push(() => execFileSync('umount', ['--lazy', disk]));
      const agent = await serving(here);
      if (disk !== undefined) await writeFile(join(disk, 'ballast'), Buffer.alloc(64_000_000)).catch(() => undefined);
      return agent;
    },
  },
];

describe('SIGTERM', () => {
  it.each(states)('$name ends it cleanly, and keeps what was seen', { timeout: 60_000 * patience }, async ({ reach, isWhole }) => {
    const agent = await reach(setting);
    const start = performance.now();
    const exit = await agent.stop();
    const took = performance.now() - start;
    expect(exit, agent.log()).toBe(0);
    expect(took).toBeLessThan(endMs);
    expect(agent.log()).not.toMatch(/^\s+at /m);
    if (isWhole === true) expect(await unseen(setting.hub, setting.dataDir)).toEqual([]);
  });
});
