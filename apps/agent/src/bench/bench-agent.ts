/**
 * @file The agent that is measured. It is the real one: frames copied into shared memory, the newest taken by the classifier's thread,
 * top 5, results in order, telemetry windows, the SQLite outbox on disk, batches read back, checked and encoded for the wire, and removed
 * when they are acknowledged. Not in it: the network (batches are acknowledged in place).
 */
import { join } from 'node:path';
import type { Camera, LaneResult } from '../domain/ports.ts';
import { WorkerClassifiers } from '../io/inference/worker-lane.ts';
import { fileKeyStore } from '../io/keys/key-store.ts';
import { fileJournal } from '../io/models/journal.ts';
import { modelFile } from '../io/models/model-file.ts';
import { FolderModelStore } from '../io/models/model-store.ts';
import { paceOf } from '../io/models/pace-guard.ts';
import { SqliteOutbox } from '../io/outbox/sqlite-outbox.ts';
import { JpegPictures } from '../io/pictures/jpeg-pictures.ts';
import { systemClock as clock } from '../io/system/clock.ts';
import { createLog } from '../io/system/log.ts';
import { Machine } from '../io/system/machine.ts';
import { signatures } from '../io/system/signatures.ts';
import { EventRecorder } from '../runtime/event-recorder.ts';
import { ungoverned } from '../runtime/governor.ts';
import { Agent } from '../runtime/lifecycle.ts';
import { publishEverything } from '../runtime/publisher.ts';
import { pause } from './figures.ts';
import { CountingClassifiers, LoopbackLink } from './ports.ts';
import { preferences, type Subject } from './subject.ts';

export class BenchAgent {
  private readonly agent: Agent;
  private readonly classifiers: CountingClassifiers;

  /** @param onResult hears of each result when the agent is done with it, but for what happens once a second */
  constructor(camera: Camera, subject: Subject, onResult: (result: LaneResult) => void = () => undefined) {
    this.classifiers = new CountingClassifiers(
      new WorkerClassifiers({ module: new URL('../io/inference/worker.js', import.meta.url), preferences, top: 5, clock }),
      onResult,
    );
    this.agent = newAgent(camera, this.classifiers, subject);
  }

  start(): Promise<void> {
    return this.agent.start(new AbortController().signal);
  }

  stop(): Promise<void> {
    return this.agent.stop();
  }

  /** Waits for the next result, and a moment more. */
  async flows(warmMs: number): Promise<void> {
    const before = this.classifiers.results;
    while (this.classifiers.results === before) await pause(5);
    await pause(warmMs);
  }

  /** @returns classified frames a second */
  async rate(ms: number): Promise<number> {
    const start = performance.now();
    const before = this.classifiers.results;
    await pause(ms);
    return ((this.classifiers.results - before) * 1000) / (performance.now() - start);
  }
}

function newAgent(camera: Camera, classifiers: CountingClassifiers, { modelFile: path, folder }: Subject): Agent {
  const lines = createLog({ level: 'warn', json: false, device: 'bench', write: (line) => process.stderr.write(line) });
  const events = new EventRecorder({ session: 'benchmark', clock, log: lines });
  const { log } = events;
  return new Agent({
    ports: {
      camera,
      classifiers,
      outbox: new SqliteOutbox(join(folder, 'outbox.db')),
      store: new FolderModelStore({ folder: join(folder, 'models'), clock, pace: paceOf(0) }),
      journal: fileJournal(join(folder, 'state.json'), log),
      keyStore: fileKeyStore(join(folder, 'keys.json'), log),
      signatures,
      link: new LoopbackLink(),
      system: new Machine({ dataDir: folder, monotonic: () => clock.monotonic() }),
      pictures: new JpegPictures(),
      clock,
      random: Math.random,
      events,
      log,
    },
    settings: {
      device: 'bench',
      session: 'benchmark',
      outboxBytes: 1e9,
      modelsUrl: new URL('http://127.0.0.1'),
      publishing: publishEverything,
      governing: ungoverned,
    },
    modelFile: modelFile(path),
    farewell: () => ({ v: 1, session: 'benchmark', state: 'offline', at: clock.now(), reason: 'stopped' }),
  });
}
