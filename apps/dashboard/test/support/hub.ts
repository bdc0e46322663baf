/** @file The hub as it is built, in this process: broker, ingest thread, HTTP, loops, on free ports and a fresh folder. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '@alpharho/db';
import type { RunningHub } from '../../src/hub/main.ts';
import { type Config, databaseFile, loadConfig } from '../../src/server/config.ts';

const built = new URL('../../dist/hub/main.js', import.meta.url).href;
const { startHub } = (await import(built)) as typeof import('../../src/hub/main.ts');

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

export type TestHub = RunningHub & { config: Config; db: Database; restart: () => Promise<void>; close: () => Promise<void> };

export async function startTestHub(settings: Partial<Config> = {}): Promise<TestHub> {
  const dataDir = await mkdtemp(join(tmpdir(), 'alpharho-hub-'));
  const config: Config = { ...loadConfig({ ALPHARHO_DATA_DIR: dataDir }), mqttPort: 0, httpPort: 0, ...settings };
  const start = () =>
    startHub(config, silent, (error) => {
      throw error;
    });
  const running = await start();
  const db = await openDatabase({ file: databaseFile(config) });
  const hub: TestHub = {
    ...running,
    config,
    db,
    restart: async () => {
      await hub.stop();
      Object.assign(hub, await start());
    },
    close: async () => {
      await hub.stop();
      await db.$disconnect();
      await rm(dataDir, { recursive: true });
    },
  };
  return hub;
}
