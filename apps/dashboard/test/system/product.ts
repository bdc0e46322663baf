/** @file The product's real processes on free ports and a folder of their own, for tests that kill and restart them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Database, openDatabase } from '@alpharho/db';
import { buildVariant, demonstrationVariant, inspectionLineLabels } from '@alpharho/mobilenet-core';
import { expect } from 'vitest';

const require = createRequire(import.meta.url);
const hubScript = fileURLToPath(new URL('../../bin/alpharho.js', import.meta.url));
const agentScript = require.resolve('alpharho-agent/bin/alpharho-agent.js');

export class Process {
  private readonly child: ChildProcess;
  /** The exit code, null where a signal ended it. */
  readonly exited: Promise<number | null>;
  output = '';

  constructor(script: string, args: string[], env: Record<string, string>, node = process.execPath) {
    this.child = spawn(node, [script, ...args], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) stream?.on('data', (chunk: Buffer) => (this.output += chunk));
    this.exited = new Promise((resolve) => this.child.once('exit', resolve));
  }

  /** @returns the exit code, null where a signal ended it. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    this.child.kill(signal);
    return this.exited;
  }
}

export class Product {
  private readonly running: Process[] = [];
  private databaseOpened: Database | undefined;
  readonly folder: string;
  /** Which inspection line the agents watch. */
  readonly cameraSeed = 1001;
  private readonly mqttPort: number;
  private readonly httpPort: number;

  private constructor(folder: string, mqttPort: number, httpPort: number) {
    this.folder = folder;
    this.mqttPort = mqttPort;
    this.httpPort = httpPort;
  }

  static async create(): Promise<Product> {
    return new Product(await mkdtemp(join(tmpdir(), 'alpharho-system-')), await freePort(), await freePort());
  }

  async startHub(): Promise<Process> {
    const env = { ALPHARHO_DATA_DIR: this.folder, ALPHARHO_MQTT_PORT: String(this.mqttPort), ALPHARHO_HTTP_PORT: String(this.httpPort) };
    const hub = this.track(new Process(hubScript, ['hub'], env));
    const healthy = () =>
      fetch(`http://127.0.0.1:${this.httpPort}/healthz`).then(
        (answer) => answer.ok,
        () => false,
      );
    await expect.poll(healthy, { message: 'the hub answers' }).toBe(true);
    return hub;
  }

  startAgent(id: string, { modelFile, rate, more = [] }: { modelFile: string; rate: number; more?: readonly string[] }): Process {
    return this.runAgent(id, { modelFile, more, camera: ['--camera', `synthetic:inspection?seed=${this.cameraSeed}&rate=${rate}`] });
  }

  /** @param options.on another Node, and the repository as that one runs it */
  runAgent(
    id: string,
    options: { modelFile: string; camera: readonly string[]; more?: readonly string[]; on?: { node: string; tree: string } },
  ): Process {
    const { modelFile, camera, more = [], on } = options;
    const args = ['run', '--id', id, ...camera, '--model', modelFile];
    args.push('--hub', `mqtt://127.0.0.1:${this.mqttPort}`, '--models-url', `http://127.0.0.1:${this.httpPort}`);
    args.push('--data-dir', join(this.folder, 'agents', id), '--status-port', '0', ...more);
    const script = on === undefined ? agentScript : join(on.tree, 'apps/agent/bin/alpharho-agent.js');
    return this.track(new Process(script, args, {}, on?.node));
  }

  /** `alpharho-agent enroll` with a token of this hub. @returns the exit code and what it said. */
  async enrol(configFile: string, token: string): Promise<{ code: number | null; output: string }> {
    const args = ['enroll', `http://127.0.0.1:${this.httpPort}`, '--token', token, '--config', configFile];
    const enrolling = this.track(new Process(agentScript, args, {}));
    return { code: await enrolling.exited, output: enrolling.output };
  }

  /** An agent that knows its hub from what enrolment wrote. */
  startEnrolled(configFile: string, modelFile: string): Process {
    const args = ['run', '--config', configFile, '--camera', 'synthetic', '--model', modelFile];
    return this.track(new Process(agentScript, [...args, '--data-dir', join(this.folder, 'agents', 'enrolled'), '--status-port', '0'], {}));
  }

  /** An untrained MobileNetV1 file of the given α and ρ. */
  async variantFile(alpha: number, rho: number): Promise<{ file: string; bytes: Uint8Array }> {
    const bytes = buildVariant({ family: 'v1', alpha, rho, labels: [...inspectionLineLabels], seed: 1 });
    const file = join(this.folder, `v1-${alpha}-${rho}.onnx`);
    await writeFile(file, bytes);
    return { file, bytes };
  }

  /** A trained variant of the inspection line. */
  async demonstrationFile(alpha: number, rho: number): Promise<string> {
    const file = join(this.folder, `inspection-line-${alpha}-${rho}.onnx`);
    await writeFile(file, demonstrationVariant({ alpha, rho }));
    return file;
  }

  async database(): Promise<Database> {
    this.databaseOpened ??= await openDatabase({ file: join(this.folder, 'alpharho.db') });
    return this.databaseOpened;
  }

  private track(process: Process): Process {
    this.running.push(process);
    return process;
  }

  async destroy(): Promise<void> {
    await Promise.all(this.running.map((process) => process.end('SIGKILL')));
    await this.databaseOpened?.$disconnect();
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
