/** @file The running agent: puts the parts together, starts them, and ends them in order. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Presence } from '@alpharho/protocol';
import { type Config, governing, inference, publishing, runConfig } from './config.ts';
import type { Log } from './domain/ports.ts';
import { viewOf } from './domain/view.ts';
import { movePlace, placeOf } from './io/announced.ts';
import { openCamera } from './io/camera/open-camera.ts';
import { WorkerClassifiers } from './io/inference/worker-lane.ts';
import { fileKeyStore } from './io/keys/key-store.ts';
import { trustFile } from './io/keys/trust-file.ts';
import { fileJournal } from './io/models/journal.ts';
import { modelFile } from './io/models/model-file.ts';
import { FolderModelStore } from './io/models/model-store.ts';
import { paceOf } from './io/models/pace-guard.ts';
import { MqttAnnouncer } from './io/mqtt/announcer.ts';
import { MqttLink } from './io/mqtt/link.ts';
import { SqliteOutbox } from './io/outbox/sqlite-outbox.ts';
import { JpegPictures } from './io/pictures/jpeg-pictures.ts';
import { StatusServer } from './io/status/status-server.ts';
import { systemClock as clock } from './io/system/clock.ts';
import { createLog } from './io/system/log.ts';
import { Machine, readHardware } from './io/system/machine.ts';
import { redactUrl } from './io/system/redact.ts';
import { signatures } from './io/system/signatures.ts';
import { findSystemd } from './io/system/systemd.ts';
import { EventRecorder } from './runtime/event-recorder.ts';
import { Agent } from './runtime/lifecycle.ts';
import type { SelfReport } from './runtime/self-report.ts';
import { Watchdog } from './runtime/watchdog.ts';
import type { GivenSettings } from './settings/given.ts';
import { version } from './version.ts';

const exitFault = 1;
/** A second signal later than this after the first means "at once". */
const impatientMs = 500;

/** A camera that gives no frame for this long, and for this many frames' time, is at fault. */
const minPatienceMs = 30_000;
const patienceFrames = 5;

const random = Math.random;

/** Runs until it is asked to stop, or until the camera's source is over. @returns the exit code */
export async function run({ resolved, warnings }: GivenSettings): Promise<number> {
  const config = runConfig(resolved);
  const log = createLog({ level: config.logLevel, json: config.logJson, device: config.id, write: (line) => process.stderr.write(line) });
  for (const warning of warnings) log.warn(warning);
  const stopping = askedToStop(log);
  const { agent, report } = await compose(config, log);
  const port = statusPort(config, report, log);
  const watchdog = supervise(report, log);
  try {
    await port?.start();
    await agent.start(stopping);
    watchdog?.start();
    await Promise.race([aborted(stopping), agent.ended]);
  } finally {
    watchdog?.stop();
    await agent.stop();
    await port?.stop();
  }
  return 0;
}

function statusPort({ statusPort: port }: Config, report: SelfReport, log: Log): StatusServer | undefined {
  if (port === 0) return undefined;
  return new StatusServer({ port, health: () => report.health(), status: () => report.status(), metrics: () => report.metrics(), log });
}

function supervise(report: SelfReport, log: Log): Watchdog | undefined {
  const manager = findSystemd(process.env, log);
  return manager === undefined ? undefined : new Watchdog({ manager, isLive: () => report.isLive, describe: () => report.line, clock });
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

async function compose(config: Config, lines: Log): Promise<{ agent: Agent; report: SelfReport }> {
  const session = randomUUID();
  const events = new EventRecorder({ session, clock, log: lines });
  const { log } = events;
  const { id, dataDir } = config;
  const view = viewOf(config);
  const { rate, loop, realtime } = config;
  const camera = await openCamera({ source: config.camera, rate, loop, realtime, view, clock, random, log });
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
    emit: events.emit,
  });
  const place = config.homeAssistant === undefined ? undefined : placeOf(config.homeAssistant, id);
  const moved = movePlace(join(dataDir, 'announced.json'), place, log).catch((error: unknown) =>
    log.warn(`Home Assistant: ${String(error)}`),
  );
  const agent = new Agent({
    ports: {
      camera,
      classifiers: new WorkerClassifiers({
        module: new URL('./io/inference/worker.js', import.meta.url),
        preferences: await inference(config),
        top: config.top,
        clock,
      }),
      outbox: new SqliteOutbox(join(dataDir, 'outbox.db')),
      store: new FolderModelStore({ folder: join(dataDir, 'models'), clock, pace: paceOf(config.downloadFloor * 1000) }),
      journal: fileJournal(join(dataDir, 'state.json'), log),
      keyStore: fileKeyStore(join(dataDir, 'keys.json'), log),
      trust: config.trust === undefined ? undefined : trustFile(config.trust),
      signatures,
      link,
      system: new Machine({ dataDir, monotonic: () => clock.monotonic() }),
      pictures: new JpegPictures(),
      announcer: place && new MqttAnnouncer({ url: place.url, device: id, clock, log, after: moved }),
      clock,
      random,
      events,
      log,
    },
    settings: {
      ...{ device: id, session, outboxBytes: config.outboxBytes, modelsUrl: config.modelsUrl },
      ...{ publishing: publishing(config), governing: governing(config) },
      announcement: place && { prefix: place.prefix, board: { device: id, version, model: hardware.model } },
    },
    modelFile: config.model === undefined ? undefined : modelFile(config.model),
    farewell: () => ({ ...presence(), state: 'offline', reason: 'stopped' }),
  });
  const report = agent.report({
    ...{ version, id, session, pid: process.pid, camera: camera.name, hub: redactUrl(config.hub) },
    runtimes: { node: process.versions.node },
    patienceMs: Math.max(
      minPatienceMs,
      (patienceFrames * 1000) / Math.min(config.rate ?? Number.POSITIVE_INFINITY, ...(config.allowRates ?? [])),
    ),
    cpuSeconds: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
  });
  return { agent, report };
}
