/** @file The agent's process: reads the command line, puts the parts together, and turns its end into an exit code. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ErrorCode, isAlpharhoError, type Presence } from '@alpharho/protocol';
import { CommanderError } from 'commander';
import { buildProgram, type Given } from './cli.ts';
import { type Config, runConfig } from './config.ts';
import type { Log } from './domain/ports.ts';
import { openCamera } from './io/camera/open-camera.ts';
import { WorkerClassifiers } from './io/inference/worker-lane.ts';
import { FileJournal } from './io/models/journal.ts';
import { FolderModelStore } from './io/models/model-store.ts';
import { MqttLink } from './io/mqtt/link.ts';
import { SqliteOutbox } from './io/outbox/sqlite-outbox.ts';
import { systemClock as clock } from './io/system/clock.ts';
import { createLog } from './io/system/log.ts';
import { Machine, readHardware } from './io/system/machine.ts';
import { EventRecorder } from './runtime/event-recorder.ts';
import { Agent } from './runtime/lifecycle.ts';
import { explainLines, explainSettings } from './settings/explain.ts';
import { findConfigFile, type Resolved, resolveSettings, strayVariables } from './settings/resolve.ts';

const exitFault = 1;
const exitUsage = 2;
/** A second signal later than this after the first means "at once". */
const impatientMs = 500;

/** Faults of what the operator asked for; everything else is a fault of the machine or of ours. */
const usageCodes: ReadonlySet<ErrorCode> = new Set([
  'config_invalid',
  'camera_missing',
  'camera_unreadable',
  'model_missing',
  'model_corrupt',
  'model_not_variant',
]);

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
const random = Math.random;

/** @throws AlpharhoError config_invalid */
async function settingsOf({ flags, config }: Given): Promise<{ resolved: Resolved; warnings: string[] }> {
  const environment = process.env;
  const { file, warning } = await findConfigFile(config, environment);
  const resolved = resolveSettings({ flags, environment, file });
  return { resolved, warnings: [...(warning === undefined ? [] : [warning]), ...strayVariables(environment)] };
}

async function showConfig(given: Given, { explain, json }: { explain: boolean; json: boolean }): Promise<void> {
  const { resolved, warnings } = await settingsOf(given);
  for (const warning of warnings) process.stderr.write(`alpharho-agent: ${warning}\n`);
  if (json) process.stdout.write(`${JSON.stringify(explainSettings(resolved), undefined, 2)}\n`);
  else if (explain) process.stdout.write(`${explainLines(resolved).join('\n')}\n`);
  else process.stdout.write('The settings can be used; --explain shows them.\n');
}

async function run(given: Given): Promise<void> {
  const { resolved, warnings } = await settingsOf(given);
  const config = runConfig(resolved);
  const log = createLog({ level: config.logLevel, json: config.logJson, device: config.id, write: (line) => process.stderr.write(line) });
  for (const warning of warnings) log.warn(warning);
  const agent = await compose(config, log);
  const stopping = askedToStop(log);
  try {
    await agent.start(stopping);
    await Promise.race([aborted(stopping), agent.ended]);
  } finally {
    await agent.stop();
  }
}

/** Aborted at the first SIGINT or SIGTERM. */
function askedToStop(log: Log): AbortSignal {
  const abort = new AbortController();
  let since: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // npm and terminals both pass Ctrl-C on, so one comes as two; whoever asks again later does not want to wait.
      if (since !== undefined && clock.monotonic() - since > impatientMs) process.exit(exitFault);
      if (since === undefined) log.info(`${signal}: stopping`);
      since ??= clock.monotonic();
      abort.abort();
    });
  }
  return abort.signal;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function compose(config: Config, lines: Log): Promise<Agent> {
  const session = randomUUID();
  const events = new EventRecorder({ session, clock, log: lines });
  const { log } = events;
  const { id, dataDir } = config;
  const camera = await openCamera({ source: config.camera, rate: config.rate, loop: config.loop, clock, random, log });
  const hardware = await readHardware();
  const presence = (): Pick<Presence, 'v' | 'session' | 'at'> => ({ v: 1, session, at: clock.now() });
  const link = new MqttLink({
    url: config.hub,
    device: id,
    birth: () => ({ ...presence(), state: 'online', agent: { version, camera: camera.name.slice(0, 300), hardware } }),
    will: () => ({ ...presence(), state: 'offline', reason: 'lost' }),
    clock,
    random,
    log,
  });
  return new Agent({
    ports: {
      camera,
      classifiers: new WorkerClassifiers({
        module: new URL('./io/inference/worker.js', import.meta.url),
        threads: config.threads,
        top: config.top,
        clock,
      }),
      outbox: new SqliteOutbox(join(dataDir, 'outbox.db'), log),
      store: new FolderModelStore(join(dataDir, 'models')),
      journal: new FileJournal(join(dataDir, 'state.json'), log),
      link,
      system: new Machine(dataDir),
      clock,
      random,
      events,
      log,
    },
    settings: { session, outboxBytes: config.outboxBytes, modelsUrl: config.modelsUrl },
    modelFile: config.model,
    farewell: () => ({ ...presence(), state: 'offline', reason: 'stopped' }),
  });
}

/** One line, never a stack; what is not ours to explain is named with its code. @returns the exit code */
function explain(error: unknown): number {
  // commander has said it already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitUsage;
  if (isAlpharhoError(error)) {
    process.stderr.write(`alpharho-agent: ${error.message}\n`);
    return usageCodes.has(error.code) ? exitUsage : exitFault;
  }
  process.stderr.write(`alpharho-agent: internal fault: ${error instanceof Error ? error.message : String(error)}\n`);
  return exitFault;
}

for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error) => process.exit(explain(error)));
}
try {
  await buildProgram(version, { run, config: showConfig }).parseAsync();
  process.exit(0);
} catch (error) {
  process.exit(explain(error));
}
