/** @file One of the product's processes under the launcher: its log file, its restarts with back-off, its orderly end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { rename, stat } from 'node:fs/promises';

export type ChildSpec = {
  name: string;
  /** A script for this Node. */
  script: string;
  args: string[];
  cwd?: string;
  env?: Record<string, string>;
  logFile: string;
  /** Told what went wrong without having been asked for (the process ended, its log cannot be written), and what comes next: sentences. */
  onTrouble: (what: string, next: string) => void;
};

const maxLogBytes = 10 * 1024 * 1024;
const firstRestartMs = 1_000;
const lastRestartMs = 30_000;
/** A process that lived this long had started well; its next restart begins with the short delay again. */
const healthyMs = 60_000;

/**
 * INVARIANTS: at most one process at a time; none is started after stop() was called; stop() ends when the process has.
 */
export class Child {
  private readonly spec: ChildSpec;
  private process: ChildProcess | undefined;
  private log: WriteStream | undefined;
  private restart: NodeJS.Timeout | undefined;
  private delayMs = firstRestartMs;
  private lastLine = '';
  private stopping = false;

  constructor(spec: ChildSpec) {
    this.spec = spec;
  }

  async start(): Promise<void> {
    await rotate(this.spec.logFile);
    const { name, logFile, onTrouble } = this.spec;
    this.log = createWriteStream(logFile, { flags: 'a' });
    // Unheard, it would end the launcher and leave its children running.
    this.log.once('error', (error: NodeJS.ErrnoException) => {
      this.log = undefined;
      onTrouble(`The log of ${name}, ${logFile}, cannot be written (${error.code}).`, 'It goes on without.');
    });
    this.spawn();
  }

  private spawn(): void {
    const { script, args, cwd, env } = this.spec;
    const startedAt = performance.now();
    // Detached: a terminal's Ctrl-C reaches the launcher alone, which then stops its children in order.
    const child = spawn(process.execPath, [script, ...args], {
      cwd,
      detached: true,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.log?.write(chunk);
        this.lastLine = chunk.toString().trimEnd().split('\n').at(-1) ?? this.lastLine;
      });
    }
    child.once('exit', (code, signal) => {
      this.process = undefined;
      if (!this.stopping) this.scheduleRestart(signal ?? `code ${code}`, performance.now() - startedAt);
    });
  }

  private scheduleRestart(how: string, livedMs: number): void {
    if (livedMs > healthyMs) this.delayMs = firstRestartMs;
    const seconds = this.delayMs / 1000;
    const words = this.lastLine === '' ? '' : ` Its last words: "${this.lastLine}".`;
    this.spec.onTrouble(`${this.spec.name} ended (${how}).${words}`, `Starting it again in ${seconds} s; its log is ${this.spec.logFile}`);
    this.restart = setTimeout(() => this.spawn(), this.delayMs);
    this.delayMs = Math.min(this.delayMs * 2, lastRestartMs);
  }

  /** Asks the process to end, and ends it by force after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.stopping = true;
    clearTimeout(this.restart);
    const child = this.process;
    if (child !== undefined) {
      const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await exited;
      clearTimeout(force);
    }
    this.log?.end();
  }
}

async function rotate(file: string): Promise<void> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size > maxLogBytes) await rename(file, `${file}.1`);
}
