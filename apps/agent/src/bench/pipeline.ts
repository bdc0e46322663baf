/**
 * @file The agent's whole pipeline against a bare session.run loop, frames a second, one inference thread each.
 *
 * The pipeline is the real agent: raw frames copied into shared memory, the newest taken by the classifier's thread, top 5,
 * results in order, telemetry windows, the SQLite outbox on disk, batches read back, checked and encoded for the wire, and
 * removed when they are acknowledged. Not in it: a camera's decoding, and the network (batches are acknowledged in place).
 * The bare loop runs the same model on the same frame and does nothing with the answer. Both are measured in turns.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildVariant, inspectionLineLabels, type ModelSession, openOnnxSession } from '@alpharho/mobilenet-core';
import { formatAlpha } from '@alpharho/protocol';
import { WorkerClassifiers } from '../io/inference/worker-lane.ts';
import { FileJournal } from '../io/models/journal.ts';
import { FolderModelStore } from '../io/models/model-store.ts';
import { SqliteOutbox } from '../io/outbox/sqlite-outbox.ts';
import { JpegPictures } from '../io/pictures/jpeg-pictures.ts';
import { systemClock as clock } from '../io/system/clock.ts';
import { createLog } from '../io/system/log.ts';
import { Machine } from '../io/system/machine.ts';
import { EventRecorder } from '../runtime/event-recorder.ts';
import { ungoverned } from '../runtime/governor.ts';
import { Agent } from '../runtime/lifecycle.ts';
import { publishEverything } from '../runtime/publisher.ts';
import { CountingClassifiers, LoopbackLink, RawFrameSource, rawFrame } from './ports.ts';

const cases = [
  { alpha: 0.25, rho: 128 },
  { alpha: 0.5, rho: 160 },
  { alpha: 1, rho: 224 },
] as const;
const rounds = 25;
const roundMs = 300;
/** Each turn runs this long before it is measured. */
const warmMs = 60;

type Rates = { readonly bare: number; readonly pipeline: number };

async function measure(alpha: number, rho: number, folder: string): Promise<Rates[]> {
  const labels = [...inspectionLineLabels];
  const file = buildVariant({ family: 'v1', alpha, rho, labels, seed: 1 });
  const modelFile = join(folder, `${alpha}-${rho}.onnx`);
  await writeFile(modelFile, file);
  const session = await openOnnxSession(file, { rho, classes: labels.length, threads: 1 });
  session.input.set(rawFrame(session.input.length));
  const preferences = { providers: ['cpu'], threads: 1, tune: false, twins: false, folder };
  const source = new RawFrameSource();
  const classifiers = new CountingClassifiers(
    new WorkerClassifiers({ module: new URL('../io/inference/worker.js', import.meta.url), preferences, top: 5, clock }),
    () => source.answered(),
  );
  const agent = newAgent(source, classifiers, modelFile, join(folder, `${alpha}-${rho}`));
  await agent.start(new AbortController().signal);
  const rates: Rates[] = [];
  for (let round = 0; round < rounds; round += 1) {
    rates.push({ bare: await bareRate(session), pipeline: await pipelineRate(source, classifiers) });
  }
  await agent.stop();
  await session.close();
  return rates;
}

async function bareRate(session: ModelSession): Promise<number> {
  await runFor(session, warmMs);
  return runFor(session, roundMs);
}

async function runFor(session: ModelSession, ms: number): Promise<number> {
  const start = performance.now();
  let frames = 0;
  for (; performance.now() - start < ms; frames += 1) await session.run();
  return (frames * 1000) / (performance.now() - start);
}

async function pipelineRate(source: RawFrameSource, classifiers: CountingClassifiers): Promise<number> {
  source.play();
  await pause(warmMs);
  const start = performance.now();
  const before = classifiers.results;
  await pause(roundMs);
  const rate = ((classifiers.results - before) * 1000) / (performance.now() - start);
  source.pause();
  await pause(warmMs);
  return rate;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function newAgent(camera: RawFrameSource, classifiers: CountingClassifiers, modelFile: string, dataDir: string): Agent {
  const lines = createLog({ level: 'warn', json: false, device: 'bench', write: (line) => process.stderr.write(line) });
  const events = new EventRecorder({ session: 'benchmark', clock, log: lines });
  const { log } = events;
  return new Agent({
    ports: {
      camera,
      classifiers,
      outbox: new SqliteOutbox(join(dataDir, 'outbox.db')),
      store: new FolderModelStore(join(dataDir, 'models')),
      journal: new FileJournal(join(dataDir, 'state.json'), log),
      link: new LoopbackLink(),
      system: new Machine({ dataDir, monotonic: () => clock.monotonic() }),
      pictures: new JpegPictures(),
      clock,
      random: Math.random,
      events,
      log,
    },
    settings: {
      session: 'benchmark',
      outboxBytes: 1e9,
      modelsUrl: new URL('http://127.0.0.1'),
      publishing: publishEverything,
      governing: ungoverned,
    },
    modelFile,
    farewell: () => ({ v: 1, session: 'benchmark', state: 'offline', at: clock.now(), reason: 'stopped' }),
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const folder = await mkdtemp(join(tmpdir(), 'alpharho-bench-'));
try {
  process.stdout.write(`Agent pipeline against a bare session.run loop: frames/s, median of ${rounds} turns of ${roundMs / 1000} s each\n`);
  for (const { alpha, rho } of cases) {
    const rates = await measure(alpha, rho, folder);
    const ratio = median(rates.map(({ bare, pipeline }) => pipeline / bare));
    const [bare, pipeline] = [median(rates.map((rate) => rate.bare)), median(rates.map((rate) => rate.pipeline))];
    process.stdout.write(
      `  V1 ${formatAlpha(alpha)}×${rho}  pipeline ${pipeline.toFixed(0).padStart(5)}  bare ${bare.toFixed(0).padStart(5)}  ratio ${ratio.toFixed(2)}\n`,
    );
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit(0);
