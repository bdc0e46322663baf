/**
 * @file How fast results come into the database through broker and hub, as a ratio of how fast the database takes them at all.
 *
 * Baseline: one prepared INSERT per row on the libsql driver, 1000 rows a transaction, into a fresh file of the same schema with the same
 * settings (WAL, synchronous = FULL, foreign keys), from rows that are ready in memory. The hub does the same inserts, and before them
 * MQTT, JSON, the schema's checks and the clock; it is a process of its own, and the clients wait for the acknowledgement of each batch.
 * Each round measures both, one after the other, and gives a ratio; the medians are printed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrate, openWriter, type SqlValue, type Writer } from '@alpharho/db';
import { buildTopic, decode, type Results } from '@alpharho/protocol';
import mqtt from 'mqtt';
import { appendResult } from '../hub/ingest/rows.ts';
import { resultColumns } from '../hub/ingest/statements.ts';

const rounds = 5;
const devices = 8;
const batchesPerDevice = 40;
const batchSize = 500;
const inFlight = 4;
const rows = devices * batchesPerDevice * batchSize;
const labels = ['bottle', 'bottle, cap missing', 'can', 'carton', 'belt'];

function batch(index: number): Results {
  const now = Date.now();
  const from = index * batchSize + 1;
  const results = Array.from({ length: batchSize }, (_, offset) => ({
    seq: from + offset,
    frame: from + offset,
    at: now - (batchSize - offset) * 100,
    variant: 0,
    ms: 3 + (offset % 100) / 64,
    top: labels.map((label, position) => ({ class: position, label, probability: Math.round(1e6 / (2 + position + (offset % 7))) / 1e6 })),
  }));
  return { v: 1, session: 'bench-session', sentAt: now, variants: ['a'.repeat(64)], results };
}

/** @returns rows a second. */
async function baseline(folder: string): Promise<number> {
  const file = join(folder, 'baseline.db');
  await migrate(file);
  const writer = openWriter(file);
  const insert = writer.prepare(`INSERT INTO Result (${resultColumns.join(', ')}) VALUES (${resultColumns.map(() => '?').join(', ')})`);
  const ready = Array.from({ length: devices }, (_, index) => readyRows(writer, `device-${index}`, index + 1)).flat();
  const begun = performance.now();
  for (let from = 0; from < ready.length; from += 1000) {
    writer.transaction(() => {
      for (const row of ready.slice(from, from + 1000)) insert.run(...row);
    });
  }
  const seconds = (performance.now() - begun) / 1000;
  writer.close();
  return rows / seconds;
}

/** One device's rows as the hub would write them; its session's row has the number `id`. */
function readyRows(writer: Writer, device: string, id: number): SqlValue[][] {
  writer.prepare('INSERT INTO Device (id) VALUES (?)').run(device);
  writer.prepare('INSERT INTO Session (id, deviceId, session, startedAt) VALUES (?, ?, ?, ?)').run(id, device, 'bench-session', 0);
  const context = { device, session: { id, offsetMs: 0 }, arrivedAt: Date.now() };
  const batches = Array.from({ length: batchesPerDevice }, (_, index) => batch(index));
  return batches.flatMap((each) =>
    each.results.map((result) => {
      const row: SqlValue[] = [];
      appendResult(row, result, each, context);
      return row;
    }),
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** @returns rows a second, from the first batch sent to the last one acknowledged. */
async function throughHub(folder: string): Promise<number> {
  const port = await freePort();
  const script = fileURLToPath(new URL('../../bin/alpharho.js', import.meta.url));
  const env = { ...process.env, ALPHARHO_DATA_DIR: folder, ALPHARHO_MQTT_PORT: String(port), ALPHARHO_HTTP_PORT: String(await freePort()) };
  const hub = spawn(process.execPath, [script, 'hub'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let log = '';
  hub.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
  try {
    while (!log.includes('the hub runs')) await once(hub.stdout, 'data');
    const senders = await Promise.all(Array.from({ length: devices }, (_, index) => connect(`device-${index}`, port)));
    const begun = performance.now();
    await Promise.all(senders.map((send) => send()));
    return rows / ((performance.now() - begun) / 1000);
  } finally {
    hub.kill('SIGTERM');
    await once(hub, 'close');
    if (/"level":[45]0/.test(log)) console.error(log);
  }
}

/** @returns sends all batches of one device, a few in flight, and ends when all are acknowledged. */
async function connect(id: string, port: number): Promise<() => Promise<void>> {
  const payloads = Array.from({ length: batchesPerDevice }, (_, index) => JSON.stringify(batch(index)));
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: id, reconnectPeriod: 0 });
  await client.subscribeAsync(buildTopic('ack', id), { qos: 1 });
  return async () => {
    let sent = 0;
    let acknowledged = 0;
    const send = () => {
      const payload = payloads[sent];
      if (payload === undefined) return;
      sent += 1;
      client.publish(buildTopic('results', id), payload, { qos: 1 });
    };
    const done = new Promise<void>((resolve, reject) => {
      client.on('close', () => reject(new Error(`${id} was disconnected`)));
      client.on('message', (_, payload) => {
        const ack = decode('ack', payload);
        if (!ack.ok || ack.value.acks.some(({ refused }) => refused !== undefined)) return reject(new Error(`${id}: a batch was refused`));
        acknowledged += ack.value.acks.length;
        for (const _each of ack.value.acks) send();
        if (acknowledged === batchesPerDevice) resolve();
      });
    });
    for (let index = 0; index < inFlight; index += 1) send();
    await done;
    client.removeAllListeners('close');
    await client.endAsync();
  };
}

async function inFreshFolder(measure: (folder: string) => Promise<number>): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'alpharho-bench-'));
  try {
    return await measure(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

const bare: number[] = [];
const hub: number[] = [];
for (let round = 0; round < rounds; round += 1) {
  bare.push(await inFreshFolder(baseline));
  hub.push(await inFreshFolder(throughHub));
}
const ratios = hub.map((value, round) => value / (bare[round] ?? Number.NaN));
const format = (value: number) => Math.round(value).toLocaleString('en').padStart(9);
console.log(`ingest, ${rows.toLocaleString('en')} results of ${labels.length} predictions, median of ${rounds} rounds`);
console.log(`  baseline: bare prepared insert, 1000 rows a transaction     ${format(median(bare))} rows/s`);
console.log(`  through broker and hub: ${devices} clients, batches of ${batchSize}, acked  ${format(median(hub))} rows/s`);
console.log(`  ratio ${median(ratios).toFixed(2)} (${ratios.map((ratio) => ratio.toFixed(2)).join(' ')})`);
