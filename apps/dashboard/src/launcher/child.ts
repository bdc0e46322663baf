/** @file One of the product's processes under the launcher: its log file, its restarts with back-off, its orderly end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { LogFile } from './log-file.ts';

export type ChildSpec = {
  name: string;
  /** A script for this Node. */
  script: string;
  /** Of Node's own. */
  nodeArgs?: readonly string[];
  args: string[];
  cwd?: string;
  env?: Record<string, string>;
  logFile: string;
  /** Told what went wrong without having been asked for (the process ended, its log cannot be written), and what comes next: sentences. */
  onTrouble: (what: string, next: string) => void;
};

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
  private readonly log: LogFile;
  private restart: NodeJS.Timeout | undefined;
  private delayMs = firstRestartMs;
  private lastLine = '';
  private stopping = false;

  constructor(spec: ChildSpec) {
    this.spec = spec;
    const { name, logFile: file, onTrouble } = spec;
    const onError = (code: string | undefined) =>
      onTrouble(`The log of ${name}, ${file}, cannot be written (${code}).`, 'It goes on without.');
    this.log = new LogFile({ file, onError });
  }

  start(): void {
    this.log.open();
    this.spawn();
  }

  private spawn(): void {
    const { script, nodeArgs = [], args, cwd, env } = this.spec;
    const startedAt = performance.now();
    // Detached: a terminal's Ctrl-C reaches the launcher alone, which then stops its children in order.
    const child = spawn(process.execPath, [...nodeArgs, script, ...args], {
      cwd,
      detached: true,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.log.write(chunk);
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
    this.log.close();
  }
}
