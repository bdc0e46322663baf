/** @file Which processes make up the product on one machine, and how each is started. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../server/config.ts';
import { addresses } from './addresses.ts';
import { Child, type ChildSpec } from './child.ts';
import type { DemoDevice } from './demo.ts';

/** apps/dashboard, from dist/launcher as from src/launcher. */
const dashboardFolder = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(import.meta.url);

type Report = (what: string, next: string) => void;

export function hubProcess(config: Config, report: Report): Child {
  return child('hub', join(dashboardFolder, 'bin', 'alpharho.js'), ['hub'], config, report);
}

export function webProcess(config: Config, report: Report): Child {
  const next = require.resolve('next/dist/bin/next');
  const args = ['start', '--hostname', config.host, '--port', String(config.webPort)];
  return child('web', next, args, config, report, { env: { NEXT_TELEMETRY_DISABLED: '1' } });
}

/** What keeps an agent's memory small. Its script's first line says the same; here no shell reads it, and this Node runs it. */
export const agentMemory = {
  env: { MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_ARENA_MAX: '1' },
  nodeArgs: ['--max-semi-space-size=1', '--optimize-for-size', '--no-sparkplug'],
} as const;

export function agentProcess(device: DemoDevice, config: Config, report: Report): Child {
  const script = require.resolve('alpharho-agent/bin/alpharho-agent.js');
  const { broker, hub } = addresses(config);
  const args = ['run', '--id', device.id, '--camera', device.camera, '--model', device.modelFile, '--hub', broker];
  args.push('--models-url', hub, '--data-dir', join(config.dataDir, 'agents', device.id));
  // Nobody is seen by a drawn camera; and one port cannot be that of three.
  args.push('--snapshots', '--status-port', '0');
  // The settings of an agent that is installed on this machine are not theirs.
  args.push('--config', '/dev/null');
  return child(device.id, script, args, config, report, agentMemory);
}

type Extra = Pick<ChildSpec, 'env' | 'nodeArgs'>;

function child(name: string, script: string, args: string[], config: Config, report: Report, { env, nodeArgs = [] }: Extra = {}): Child {
  return new Child({
    name,
    script,
    nodeArgs,
    args,
    cwd: dashboardFolder,
    env: { NODE_ENV: 'production', ALPHARHO_DATA_DIR: config.dataDir, ...env },
    logFile: join(config.dataDir, 'logs', `${name}.log`),
    onTrouble: report,
  });
}
