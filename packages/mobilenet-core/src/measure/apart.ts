/**
 * @file Warm latency under several settings, measured in a process of its own: it steps back behind whatever else the machine does, gives
 * all of its memory back, and takes nobody along where a provider's library brings it down.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { AlpharhoError } from '@alpharho/protocol';
import { z } from 'zod';
import type { RunSetting } from '../runtime/classifier.ts';
import type { Latency } from './latency.ts';
import type { MeasuredModel, SettingLatency } from './measure-settings.ts';

/** How {@link measureApart} goes about it. */
export type ApartOptions = {
  frames: number;
  /** Milliseconds for the measurement itself, once the sessions are open (see `MeasureOptions.budgetMs`). */
  budgetMs: number;
  /** Milliseconds after which the process is ended. */
  limitMs: number;
  signal?: AbortSignal;
  /** The child's program. */
  program?: string;
};

/** What the child is told; the model's bytes follow. */
export type ApartOrder = { settings: readonly RunSetting[]; frames: number; budgetMs: number; bytes: number };

const ms = z.number().nonnegative();
const answerSchema = z.array(
  z.object({
    frames: z.number().int(),
    p10: ms,
    p50: ms,
    p95: ms,
    p99: ms,
    framesPerSecond: ms,
    wander: z.number(),
    rounds: z.array(z.object({ p50: ms, p95: ms, mean: ms })),
  }) satisfies z.ZodType<Latency>,
);

/** The compiled child beside this file; where this file itself runs from source, in the folder of the compiled ones. */
const builtChild = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../dist/measure/apart-child.js' : './apart-child.js', import.meta.url),
);

/**
 * @returns setting by setting, in their order
 * @throws AlpharhoError warmup_failed where the variant does not run under one of them, or it took too long; the signal's reason once it is aborted
 */
export async function measureApart(
  { variant, read }: MeasuredModel,
  settings: readonly RunSetting[],
  options: ApartOptions,
): Promise<SettingLatency[]> {
  const { frames, budgetMs, limitMs, signal, program = builtChild } = options;
  const file = await read();
  signal?.throwIfAborted();
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'pipe'], timeout: limitMs, killSignal: 'SIGKILL' });
  const stop = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const order: ApartOrder = { settings, frames, budgetMs, bytes: file.byteLength };
    // Left open: the child ends where it is closed early, so that it does not outlive whoever asked.
    child.stdin.on('error', () => undefined);
    child.stdin.write(`${JSON.stringify(order)}\n`);
    child.stdin.write(file);
    const latencies = await answerOf(child, limitMs);
    return settings.map((setting, index) => ({ sha256: variant.sha256, setting, latency: latencies[index] as Latency }));
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    stop();
  }
}

/** Of what a child says, only so much is kept. */
const longestOutput = 1_000_000;

function answerOf(child: ChildProcess, limitMs: number): Promise<Latency[]> {
  return new Promise((resolve, reject) => {
    const said = { out: '', err: '' };
    child.stdout?.on('data', (text: Buffer) => {
      said.out = (said.out + text).slice(0, longestOutput);
    });
    child.stderr?.on('data', (text: Buffer) => {
      said.err = (said.err + text).slice(-2000);
    });
    child.once('error', (cause) =>
      reject(new AlpharhoError('warmup_failed', `the measurement did not start: ${cause.message}`, { cause })),
    );
    child.once('close', (code, killed) => {
      const parsed = code === 0 ? answerSchema.safeParse(parseJson(said.out)) : undefined;
      if (parsed?.success) resolve(parsed.data);
      else reject(new AlpharhoError('warmup_failed', `the measurement ended with ${reason(code, killed, said.err, limitMs)}`));
    });
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reason(code: number | null, killed: string | null, err: string, limitMs: number): string {
  if (killed === 'SIGKILL') return `nothing: it took more than ${limitMs / 1000} s, or more memory than there is`;
  const line = err.trim().split('\n').at(-1) ?? '';
  return `${killed ?? `code ${code}`}: ${line.replace(/\p{Cc}/gu, ' ').slice(0, 300)}`;
}
