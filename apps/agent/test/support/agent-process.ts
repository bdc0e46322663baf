/** @file The built agent as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { eventually } from './wait.ts';

const script = fileURLToPath(new URL('../../bin/alpharho-agent.js', import.meta.url));

export type AgentProcess = {
  readonly child: ChildProcess;
  /** What it wrote to stderr so far. */
  readonly log: () => string;
  readonly exited: Promise<number | NodeJS.Signals>;
  /** Waits for a line. */
  readonly says: (pattern: RegExp) => Promise<unknown>;
  readonly stop: () => Promise<number | NodeJS.Signals>;
};

const running = new Set<ChildProcess>();

export type Surroundings = {
  readonly env?: Record<string, string>;
  readonly uid?: number;
  /** The built one of this repository, unless said. */
  readonly program?: string;
  /** A command that takes the agent's as its last arguments, and becomes it. */
  readonly under?: readonly string[];
};

export function runAgent(args: readonly string[], { env = {}, uid, program = script, under = [] }: Surroundings = {}): AgentProcess {
  const shipped = firstLine(program);
  const [command = process.execPath, ...rest] = [...under, process.execPath, ...shipped.flags, program, ...args];
  const child = spawn(command, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...shipped.env, ...env },
    ...(uid !== undefined && { uid, gid: uid }),
  });
  running.add(child);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    child.on('close', (code, signal) => {
      running.delete(child);
      resolve(code ?? signal ?? -1);
    });
  });
  const log = (): string => text;
  return {
    child,
    log,
    exited,
    says: (pattern) =>
      eventually(`${pattern} in the agent's log`, () => pattern.test(text)).catch((error: Error) => {
        throw new Error(`${error.message}; it says:\n${text}`);
      }),
    stop: () => {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

/** What a program asks of `env -S` and Node in its first line: a shell heeds that, and so do the tests, with their own Node. */
function firstLine(program: string): { env: Record<string, string>; flags: string[] } {
  const [line = ''] = readFileSync(program, 'utf8').split('\n', 1);
  const [, variables = '', flags = ''] = /^#!\S+ -S (.*?)\bnode\b(.*)$/.exec(line) ?? [];
  const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');
  return { env: Object.fromEntries(words(variables).map((word) => word.split('='))), flags: words(flags) };
}

/** For the end of each test, however it ends. */
export async function killAgents(): Promise<void> {
  for (const child of running) child.kill('SIGKILL');
  await eventually('the end of all agents', () => running.size === 0);
}
