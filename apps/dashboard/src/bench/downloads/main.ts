/**
 * @file How fast model files leave the hub, as a ratio of nginx serving the same file in the same run; and how long a fleet takes to
 * commit a variant, against moving those bytes alone.
 *
 * The hub is one process that also is the broker, and writes; nginx has a worker for each core and sendfile. Both share the machine with
 * the client. Each round measures both, one after the other; the medians are printed.
 * Usage: node dist/bench/downloads/main.js [--devices 200] [--rounds 5]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Database, openDatabase } from '@alpharho/db';
import { buildVariant } from '@alpharho/mobilenet-core';
import { openRegistry } from '../../server/registry.ts';
import { addVariant } from '../../server/services/add-variant.ts';
import { createRollout } from '../../server/services/create-rollout.ts';
import { startRollout } from '../../server/services/start-rollout.ts';
import { toWireVariant } from '../../server/wire-variant.ts';
import { DownloadingDevice } from './device.ts';
import { fetchBytes } from './fetch.ts';
import { startNginx } from './nginx.ts';

const { values } = parseArgs({ options: { devices: { type: 'string', default: '200' }, rounds: { type: 'string', default: '5' } } });
const devices = Number(values.devices);
const rounds = Number(values.rounds);
const parallel = 50;
/** Of so many at once, one after the other: a single one is over within a moment. */
const waves = 5;
/** With these a variant has 4 MB. */
const labels = Array.from({ length: 415 }, (_, index) => `class ${index}`);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

type Hub = { mqtt: number; http: number; stop: () => Promise<void> };

async function startHub(folder: string): Promise<Hub> {
  const [mqtt, http] = [await freePort(), await freePort()];
  const script = fileURLToPath(new URL('../../../bin/alpharho.js', import.meta.url));
  const env = { ...process.env, ALPHARHO_DATA_DIR: folder, ALPHARHO_MQTT_PORT: String(mqtt), ALPHARHO_HTTP_PORT: String(http) };
  const child = spawn(process.execPath, [script, 'hub'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let log = '';
  child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
  while (!log.includes('the hub runs')) await once(child.stdout, 'data');
  const stop = async () => {
    child.kill('SIGTERM');
    await once(child, 'close');
    if (/"level":[56]0/.test(log)) console.error(log);
  };
  return { mqtt, http, stop };
}

/** @returns bytes a second of so many clients at once, each of which downloads it some times. */
async function bytesPerSecond(port: number, path: string, bytes: number): Promise<number> {
  const begun = performance.now();
  const one = async () => {
    for (let wave = 0; wave < waves; wave += 1) await fetchBytes({ port, path, bytes });
  };
  await Promise.all(Array.from({ length: parallel }, one));
  return (parallel * waves * bytes) / ((performance.now() - begun) / 1000);
}

/** @returns seconds from the start of a rollout to all devices at once until the hub has written down the last commit. */
async function commitAll(db: Database, hub: Hub, old: string, variant: string): Promise<number> {
  const serving = toWireVariant(await db.variant.findUniqueOrThrow({ where: { id: old } }));
  const failed = (error: Error) => {
    throw error;
  };
  const names = Array.from({ length: devices }, (_, index) => `bench-${index}`);
  const fleet = await Promise.all(names.map((name) => DownloadingDevice.connect(name, hub, serving, failed)));
  while ((await db.device.count({ where: { servingId: old } })) < devices) await new Promise((resolve) => setTimeout(resolve, 50));
  const spec = {
    variant,
    targets: { where: 'id=bench-*' },
    otherLabels: true,
    phases: [{ percent: 100, soak: 0, concurrency: devices }],
    device: { shadow: { frames: 0 }, probation: { frames: 1 } },
  };
  const { id } = await createRollout(db, { spec }, new Date());
  const begun = performance.now();
  await startRollout(db, id, new Date());
  const committed = { rolloutId: id, state: 'committed' };
  while ((await db.rolloutDevice.count({ where: committed })) < devices) await new Promise((resolve) => setTimeout(resolve, 20));
  const seconds = (performance.now() - begun) / 1000;
  await Promise.all(fleet.map((device) => device.leave()));
  return seconds;
}

/** @returns seconds to move and hash the same bytes as often, as many at once. */
async function moveAlone(hub: Hub, path: string, bytes: number): Promise<number> {
  const begun = performance.now();
  await Promise.all(Array.from({ length: devices }, () => fetchBytes({ port: hub.http, path, bytes, hash: true })));
  return (performance.now() - begun) / 1000;
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

const megabytes = (value: number) => `${(value / 1e6).toFixed(0)} MB/s`;

async function compare(folder: string, hub: Hub, sha256: string, bytes: number): Promise<void> {
  const port = await freePort();
  const nginx = await startNginx(join(folder, 'nginx'), join(folder, 'models'), port);
  if (nginx === undefined) console.log('  nginx is not installed here (Debian: apt install nginx): there is nothing to compare with');
  const [hubs, nginxs]: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round += 1) {
    const [own, other] = [
      await bytesPerSecond(hub.http, `/models/${sha256}`, bytes),
      nginx && (await bytesPerSecond(port, `/${sha256}.onnx`, bytes)),
    ];
    // The first warms up.
    if (round === 0) continue;
    hubs.push(own);
    if (other !== undefined) nginxs.push(other);
  }
  await nginx?.stop();
  console.log(`  hub    ${megabytes(median(hubs))}`);
  if (nginx === undefined) return;
  const ratios = hubs.map((value, round) => value / (nginxs[round] ?? Number.NaN));
  console.log(`  nginx  ${megabytes(median(nginxs))} (${nginx.version})`);
  console.log(`  ratio  ${median(ratios).toFixed(2)} (${ratios.map((ratio) => ratio.toFixed(2)).join(' ')})`);
}

const folder = await mkdtemp(join(tmpdir(), 'alpharho-bench-'));
const hub = await startHub(folder);
const db = await openDatabase({ file: join(folder, 'alpharho.db') });
try {
  const registry = await openRegistry(db, { dataDir: folder });
  const make = (seed: number) => addVariant(registry, buildVariant({ family: 'v1', alpha: 0.5, rho: 128, labels, seed }));
  const [old, variant] = [await make(1), await make(2)];
  const bytes = Number(variant.bytes);
  console.log(`downloads, ${parallel} at once of ${(bytes / 1e6).toFixed(2)} MB, median of ${rounds} rounds`);
  await compare(folder, hub, variant.id, bytes);
  const alone = await moveAlone(hub, `/models/${variant.id}`, bytes);
  const committed = await commitAll(db, hub, old.id, variant.id);
  console.log(`${devices} devices commit it in ${committed.toFixed(1)} s; its bytes alone take ${alone.toFixed(1)} s`);
} finally {
  await db.$disconnect();
  await hub.stop();
  await rm(folder, { recursive: true });
}
