/** @file The hub's composition root: builds its parts, starts them in order, stops them in reverse. */
import { type Database, openDatabase } from '@alpharho/db';
import { type Config, databaseFile } from '../server/config.ts';
import { prepareDataFolder } from '../server/data-folder.ts';
import { withAlpharhoErrors } from '../server/errors.ts';
import type { Logger } from '../server/logger.ts';
import { openRegistry } from '../server/registry.ts';
import { signUnsigned } from '../server/services/sign-unsigned.ts';
import { Broker } from './broker.ts';
import { DesiredPublisher, intentPollMs } from './desired-publisher.ts';
import { EnrolmentDoor } from './enrolment-door.ts';
import { foldMeasures, foldMs } from './fold-measures.ts';
import { beat, heartbeatMs } from './heartbeat.ts';
import { HttpServer } from './http.ts';
import type { Committed } from './ingest/incoming.ts';
import { IngestQueue } from './ingest/queue.ts';
import { WriterThread } from './ingest/thread.ts';
import { KeysPublisher } from './keys-publisher.ts';
import { Loop } from './loop.ts';
import { markMissing } from './missing.ts';
import { RequestPublisher } from './request-publisher.ts';
import { forgetOld, retentionMs } from './retention.ts';
import { RolloutLoop, rolloutPollMs } from './rollouts/rollout-loop.ts';
import { pause, type Timers } from './timers.ts';

/** Devices reconnect within seconds; one that has not by then is gone, milliseconds. */
const graceMs = 15_000;
/** Ranges in one acknowledgement: with the longest reasons for refusals it stays below the topic's size cap. */
const maxAcks = 50;

export type RunningHub = { mqttPort: number; httpPort: number; stop: () => Promise<void> };

/**
 * Starts the hub. Ports of 0 take any free ones.
 * @param onFatal told when a part has died that the hub cannot live without
 * @throws AlpharhoError port_in_use | disk_read_only | disk_full | database_damaged | database_busy | database_outdated | config_invalid
 */
export async function startHub(config: Config, logger: Logger, onFatal: (error: Error) => void): Promise<RunningHub> {
  // Each part's stop() is also right for one that did not start.
  const started: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of started.splice(0).reverse()) await end();
  };
  try {
    const ports = await startParts(config, logger, onFatal, started);
    return { ...ports, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(config: Config, logger: Logger, onFatal: (error: Error) => void, started: (() => Promise<void>)[]) {
  const clock = Date.now;
  const timers = { setTimeout, clearTimeout };
  const startedAt = new Date(clock());
  const { applied } = await prepareDataFolder(config);
  if (applied.length > 0) logger.info({ applied }, 'brought the database up to date');
  const file = databaseFile(config);
  const db = await withAlpharhoErrors(() => openDatabase({ file }));
  started.push(() => db.$disconnect());
  const writer = new WriterThread(file, onFatal);
  started.push(() => writer.stop());
  await withAlpharhoErrors(() => writer.start());
  const registry = await withAlpharhoErrors(() => openRegistry(db, config));
  await signUnsigned(registry, logger);

  const broker = new Broker({ host: config.host, port: config.mqttPort, logger, clock, onMessage: (message) => queue.accept(message) });
  const queue = new IngestQueue({ committer: writer, onCommitted: (committed) => tell(broker, committed, logger), logger, timers });
  const desired = new DesiredPublisher({
    ...{ db, keys: registry.keys, publicUrl: config.publicUrl, clock, logger },
    publish: (...to) => broker.publish('desired', ...to),
  });
  const keys = new KeysPublisher({ db, publish: (...to) => broker.publish('keys', ...to), logger });
  const requests = new RequestPublisher({ db, publish: (...to) => broker.publish('request', ...to), clock, logger });
  started.push(async () => {
    broker.quiet();
    await queue.stop();
    await broker.stop();
  });
  const { port: mqttPort } = await broker.start();

  // After the broker: who is told by /healthz that the hub lives may connect to it.
  const enrolment = new EnrolmentDoor({ db, mqttPort, publicUrl: config.publicUrl, logger, clock });
  const http = new HttpServer({ host: config.host, port: config.httpPort, blobs: registry.blobs, enrolment, logger });
  started.push(() => http.stop());
  const { port: httpPort } = await http.start();

  const loop = (name: string, everyMs: number, run: (signal: AbortSignal) => Promise<void>) => {
    const created = new Loop({ name, everyMs, run, logger, timers });
    started.push(() => created.stop());
    return created.start();
  };
  // Before the desired states, whose signatures they are to vouch for.
  await loop('publishing the set of keys', intentPollMs, () => keys.look());
  await loop('publishing desired states', intentPollMs, () => desired.look());
  const rollouts = new RolloutLoop({ db, clock, logger });
  void loop('driving rollouts', rolloutPollMs, (signal) => rollouts.look(signal));
  await loop('asking devices for pictures', intentPollMs, () => requests.look());
  await loop('the sign of life', heartbeatMs, () => beat(db, startedAt, new Date(clock())));
  void loop('adding up what variants measured', foldMs, async (signal) => {
    await foldMeasures(db, signal);
  });
  void loop('deleting old history', retentionMs, async (signal) => {
    const rows = await forgetOld({ db, resultsDays: config.resultsDays, now: clock(), timers }, signal);
    if (rows > 0) logger.info({ rows }, 'deleted old history');
  });
  started.push(watchReturn(db, startedAt, logger, timers));
  return { mqttPort, httpPort };
}

/** Gives the devices that were online time to come back, then says which did not. @returns ends the wait. */
function watchReturn(db: Database, startedAt: Date, logger: Logger, timers: Timers): () => Promise<void> {
  const ending = new AbortController();
  const watch = async () => {
    await pause(graceMs, timers, ending.signal);
    if (ending.signal.aborted) return;
    const devices = await markMissing(db, startedAt, new Date());
    if (devices.length > 0) logger.warn({ devices }, 'devices that were online did not come back');
  };
  const ended = watch().catch((error: unknown) => logger.error({ err: error }, 'could not look which devices did not come back'));
  return async () => {
    ending.abort();
    await ended;
  };
}

/** Tells the devices what is committed. A lost acknowledgement costs a repetition, no more. */
function tell(broker: Broker, { acks, refusals }: Committed, logger: Logger): void {
  for (const refusal of refusals) logger.warn(refusal, 'refused a message');
  for (const { device, entries } of acks) {
    for (let from = 0; from < entries.length; from += maxAcks) {
      broker
        .publish('ack', device, { v: 1, acks: entries.slice(from, from + maxAcks) })
        .catch((error: unknown) => logger.warn({ err: error, device }, 'an acknowledgement was not sent'));
    }
  }
}
