/**
 * @file How long a look at a gate takes over a database as a hub has it: 200 devices, windows of ten seconds, two hours of baseline and
 * a quarter of an hour after the switch. Cold: a hub that has just started; then a look a minute later.
 * Usage: node dist/bench/gates/read-windows.js
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, openDatabase, openWriter, type Writer } from '@alpharho/db';
import { LatencySketch, rolloutSpecSchema } from '@alpharho/protocol';
import { judge } from '../../server/rollouts/gates/judge.ts';
import { GateWindows } from '../../server/rollouts/gates/load-windows.ts';
import { randomOf } from './random.ts';

const devices = Array.from({ length: 200 }, (_, index) => `device-${index}`);
const treatedCount = 100;
const windowMs = 10_000;
const minute = 60_000;
const before = 120 * minute;
const after = 15 * minute;
const switchedAt = 1_800_000_000_000;
const [oldVariant, newVariant] = ['a'.repeat(64), 'b'.repeat(64)];
const { normal } = randomOf(1);

/** As agents send them: every stage, a hundred frames. */
function latencyJson(): string {
  const stages = ['total', 'capture', 'preprocess', 'inference', 'postprocess'].map((stage) => {
    const sketch = new LatencySketch();
    for (let frame = 0; frame < 100; frame += 1) sketch.record(20 * Math.exp(0.2 * normal()));
    return [stage, sketch.toWire()];
  });
  return JSON.stringify(Object.fromEntries(stages));
}

function fill(writer: Writer, from: number, to: number): void {
  const samples = Array.from({ length: 200 }, latencyJson);
  const answers = JSON.stringify({
    n: 100,
    confidence: { sum: 70, squares: 52 },
    classes: Array.from({ length: 20 }, (_, index) => [index, 5]),
  });
  const insert =
    writer.prepare(`INSERT INTO TelemetryWindow (sessionId, seq, deviceId, variantId, start, "end", captured, classified, dropped, failed,
    latency, answers, outbox, memoryBytes) VALUES (?, ?, ?, ?, ?, ?, 100, 100, 0, 0, ?, ?, 0, 1)`);
  for (let start = from; start < to; start += windowMs) {
    writer.transaction(() => {
      for (const [index, device] of devices.entries()) {
        const variant = index < treatedCount && start >= switchedAt ? newVariant : oldVariant;
        const seq = start / windowMs;
        insert.run(index + 1, seq, device, variant, start, start + windowMs, samples[(seq + index) % samples.length] ?? '{}', answers);
      }
    });
  }
}

async function timed<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  const begun = performance.now();
  const result = await work();
  console.log(`${name}: ${(performance.now() - begun).toFixed(0)} ms`);
  return result;
}

const folder = await mkdtemp(join(tmpdir(), 'alpharho-bench-'));
try {
  const file = join(folder, 'alpharho.db');
  await migrate(file);
  const writer = openWriter(file);
  for (const [index, device] of devices.entries()) {
    writer.prepare('INSERT INTO Device (id, createdAt) VALUES (?, 0)').run(device);
    writer.prepare('INSERT INTO Session (id, deviceId, session, startedAt) VALUES (?, ?, ?, 0)').run(index + 1, device, 'bench-session');
  }
  fill(writer, switchedAt - before, switchedAt + after);
  const db = await openDatabase({ file });
  const gate = new GateWindows();
  const { gates } = rolloutSpecSchema.parse({ variant: newVariant, targets: { ids: devices } });
  const look = async (now: number) => {
    const windows = await timed('  read', () => gate.read(db, { devices, spans: [{ from: switchedAt - before, to: now }] }));
    const hardwareClass = 'Raspberry Pi 4';
    const treated = devices
      .slice(0, treatedCount)
      .map((device) => ({ device, hardwareClass, variant: newVariant, toldAt: switchedAt, switchedAt }));
    const control = devices.slice(treatedCount).map((device) => ({ device, hardwareClass }));
    const verdicts = await timed('  judge', () => judge({ now, treated, control, windows, shadows: [], gates }));
    console.log(`  ${windows.length} minutes; ${verdicts.map(({ metric, verdict }) => `${metric} ${verdict}`).join(', ')}`);
  };
  console.log('cold:');
  await look(switchedAt + after);
  fill(writer, switchedAt + after, switchedAt + after + minute);
  console.log('a minute later:');
  await look(switchedAt + after + minute);
  await db.$disconnect();
  writer.close();
} finally {
  await rm(folder, { recursive: true });
}
