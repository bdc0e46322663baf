/** @file What lives as long as this web process and exists once in it, however many bundles the pages are built into. */
import 'server-only';
import type { Database } from '@alpharho/db';
import { databaseFile, loadConfig, uploadsFolder } from '../config.ts';
import { ChangeFeed } from '../live/change-feed.ts';
import { createLogger, type Logger } from '../logger.ts';
import { Checker } from '../registry/checker.ts';
import { openRegistry, type Registry } from '../registry.ts';
import { openDatabase } from './database-module.ts';
import { WindowCache } from './window-cache.ts';

type ProcessState = {
  logger?: Logger;
  database?: Promise<Database>;
  feed?: ChangeFeed;
  windows?: WindowCache;
  /** Uploads that are being received or checked. */
  uploads?: number;
};

const stateKey = Symbol.for('alpharho.web');

function processState(): ProcessState {
  const holder = globalThis as { [stateKey]?: ProcessState };
  holder[stateKey] ??= {};
  return holder[stateKey];
}

/** The one connection; a failed attempt is forgotten, so that the next page tries again. */
export function database(): Promise<Database> {
  const state = processState();
  state.database ??= openDatabase({ file: databaseFile(loadConfig()) }).catch((error: unknown) => {
    state.database = undefined;
    throw error;
  });
  return state.database;
}

export function logger(): Logger {
  const state = processState();
  state.logger ??= createLogger('web');
  return state.logger;
}

export async function registry(): Promise<Registry> {
  return openRegistry(await database(), loadConfig());
}

/** Each check takes a processor and some hundred megabytes for seconds. */
const mostUploads = 2;

/** Runs `work` with a checker; undefined where as many uploads as may be are under way. */
export async function withChecker<T>(work: (checker: Checker, folder: string) => Promise<T>): Promise<T | undefined> {
  const state = processState();
  const running = state.uploads ?? 0;
  if (running >= mostUploads) return undefined;
  state.uploads = running + 1;
  try {
    const folder = uploadsFolder(loadConfig());
    return await work(new Checker(folder), folder);
  } finally {
    state.uploads -= 1;
  }
}

export function windowCache(): WindowCache {
  const state = processState();
  state.windows ??= new WindowCache();
  return state.windows;
}

export function changeFeed(): ChangeFeed {
  const state = processState();
  state.feed ??= new ChangeFeed({
    read: readRevisions,
    timers: { setTimeout, clearTimeout: (handle) => clearTimeout(handle) },
    onHealth: (error) =>
      error === undefined
        ? logger().info({}, 'change feed reads again')
        : logger().error({ err: error }, 'change feed cannot read the database'),
  });
  return state.feed;
}

async function readRevisions(): Promise<Map<string, number>> {
  const db = await database();
  const rows = await db.change.findMany();
  return new Map(rows.map(({ topic, revision }) => [topic, revision]));
}
