/**
 * @file What an agent takes of a board: memory, time to its first classification, processor time at one frame a second, disk space of its
 * installation. Each is measured on the real process, started as an operator starts it, and printed beside its bar.
 */
import { execFile, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { lstat, mkdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median, pause, print } from './figures.ts';
import { makeSubject, type Subject } from './subject.ts';

const run = promisify(execFile);
const package_ = fileURLToPath(new URL('../..', import.meta.url));
const program = join(package_, 'bin/alpharho-agent.js');

const memoryBars = [
  { alpha: 0.25, rho: 128, megabytes: 150 },
  { alpha: 1, rho: 224, megabytes: 200 },
] as const;
const startBarMs = 1500;
const idleBarPercent = 3;
const starts = 5;
/** At 10 frames/s, long enough for two telemetry windows. */
const settleMs = 25_000;
const idleMs = 30_000;
const pollMs = 10;
const megabyte = 1024 * 1024;

/** @returns whether every bar is met */
export async function benchFootprint(folder: string): Promise<boolean> {
  print('Footprint of the agent process (built-in camera, no broker)');
  let met = true;
  for (const { alpha, rho, megabytes } of memoryBars) {
    const subject = await makeSubject({ alpha, rho }, folder);
    met = (await benchStart(subject)) && met;
    met = (await benchMemory(subject, megabytes)) && met;
    if (alpha < 1) met = (await benchIdle(subject)) && met;
  }
  await benchInstallation(folder);
  return met;
}

/** The first start of all knows nothing of the variant; it has to be as quick as the others. */
async function benchStart(subject: Subject): Promise<boolean> {
  const times: number[] = [];
  for (let start = 0; start < starts; start += 1) {
    const agent = await startAgent(subject, 10);
    times.push(await agent.firstResult);
    await agent.stop();
  }
  const first = report(subject.name, 'first start ever to first classification', times[0] ?? Number.NaN, startBarMs, 'ms');
  return report(subject.name, 'start to first classification, median', median(times), startBarMs, 'ms') && first;
}

async function benchMemory(subject: Subject, bar: number): Promise<boolean> {
  const agent = await startAgent(subject, 10);
  await agent.firstResult;
  await pause(settleMs);
  const rss = await agent.status('VmRSS');
  const peak = await agent.status('VmHWM');
  await agent.stop();
  print(`  ${subject.name.padEnd(12)} resident memory at its highest ${(peak / megabyte).toFixed(0)} MB`);
  return report(subject.name, 'resident memory at 10 frames/s', rss / megabyte, bar, 'MB');
}

async function benchIdle(subject: Subject): Promise<boolean> {
  const agent = await startAgent(subject, 1);
  await agent.firstResult;
  await pause(5000);
  const [before, since] = [await agent.processorMs(), performance.now()];
  await pause(idleMs);
  const percent = (100 * ((await agent.processorMs()) - before)) / (performance.now() - since);
  await agent.stop();
  return report(subject.name, 'of a core at 1 frame/s', percent, idleBarPercent, '%');
}

/** There is no bar for it. Where npm cannot reach its registry, and has nothing cached, that is said. */
async function benchInstallation(folder: string): Promise<void> {
  const target = join(folder, 'installed');
  const packed = join(folder, 'packed');
  await mkdir(target, { recursive: true });
  try {
    await run(process.execPath, [join(package_, 'scripts/pack.mjs'), packed]);
    const [tarball = ''] = readdirSync(packed).filter((name) => name.endsWith('.tgz'));
    const bytes = (await lstat(join(packed, tarball))).size;
    await run('npm', ['install', '--omit=dev', '--no-audit', '--no-fund', '--prefer-offline', '--prefix', target, join(packed, tarball)]);
    const size = await diskUsage(target);
    print(`  installed    ${(size / megabyte).toFixed(0)} MB in an empty folder, from a tarball of ${(bytes / megabyte).toFixed(0)} MB`);
  } catch (error) {
    print(`  installed    not measured: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
  }
}

async function diskUsage(path: string): Promise<number> {
  const facts = await lstat(path);
  if (!facts.isDirectory()) return facts.blocks * 512;
  const parts = await Promise.all(readdirSync(path).map((name) => diskUsage(join(path, name))));
  return parts.reduce((sum, part) => sum + part, facts.blocks * 512);
}

function report(name: string, what: string, value: number, bar: number, unit: string): boolean {
  const met = value <= bar;
  const digits = value < 10 ? 2 : 0;
  print(`  ${name.padEnd(12)} ${value.toFixed(digits)} ${unit} ${what}  (bar ${bar} ${unit}${met ? '' : ', MISSED'})`);
  return met;
}

type RunningAgent = {
  /** Milliseconds from the process's start. */
  readonly firstResult: Promise<number>;
  /** A line of /proc's status, in bytes. */
  status(line: string): Promise<number>;
  processorMs(): Promise<number>;
  stop(): Promise<void>;
};

async function startAgent(subject: Subject, rate: number): Promise<RunningAgent> {
  const [port, silent] = [await freePort(), await freePort()];
  const camera = `synthetic:inspection?rate=${rate}`;
  const args = ['run', '--camera', camera, '--model', subject.modelFile, '--data-dir', join(subject.folder, 'data'), '--id', 'bench'];
  const since = performance.now();
  const child = spawn(program, [...args, '--hub', `mqtt://127.0.0.1:${silent}`, '--status-port', String(port)], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const proc = (file: string) => readFile(`/proc/${child.pid}/${file}`, 'utf8');
  return {
    firstResult: untilClassified(port, child).then(() => performance.now() - since),
    status: async (line) => Number(new RegExp(`^${line}:\\s+(\\d+) kB$`, 'm').exec(await proc('status'))?.[1]) * 1024,
    processorMs: async () => {
      // Behind the name in brackets: state is field 3; user and system time are fields 14 and 15, in ticks of 10 ms.
      const fields = (await proc('stat')).replace(/^.*\) /, '').split(' ');
      return (Number(fields[11]) + Number(fields[12])) * 10;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      await rm(join(subject.folder, 'data', 'outbox.db'), { force: true });
    },
  };
}

async function untilClassified(port: number, child: { exitCode: number | null }): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the agent ended with code ${child.exitCode}`);
    const text = await fetch(`http://127.0.0.1:${port}/metrics`).then(
      (answer) => answer.text(),
      () => '',
    );
    if (Number(/^alpharho_agent_frames_classified_total (\d+)$/m.exec(text)?.[1] ?? 0) > 0) return;
    await pause(pollMs);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
