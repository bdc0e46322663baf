/** @file Has files checked in a process of their own, with limits of time and memory. A file that hangs, explodes or crashes harms nobody else. Linux. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { AlpharhoError } from '@alpharho/protocol';
import { maxUploadBytes } from '../../lib/upload-rules.ts';
import { findPackage } from '../find-package.ts';
import type { FileFacts } from '../keys/manifest.ts';
import type { Kind } from './bring-in.ts';
import { type CheckReply, checkReplySchema } from './check-messages.ts';
import { readUploadOptions, type UploadOptions } from './upload-options.ts';

export type CheckLimits = {
  /** From start to answer. The largest variants take some seconds on a small board. */
  timeMs: number;
  /** Of the JavaScript heap, megabytes. */
  heapMb: number;
  /** Address space: what Node and ONNX Runtime reserve without using it, bytes, and beside it so many times the file. */
  baseBytes: number;
  timesFile: number;
};

export const defaultLimits: CheckLimits = { timeMs: 120_000, heapMb: 1024, baseBytes: 6 * 2 ** 30, timesFile: 16 };

export type Checked = {
  kind: Kind;
  /** The variant's file: the one that came, or one that the caller of `check` gives up by calling `dispose`. */
  path: string;
  facts: FileFacts;
  notes: string[];
  dispose: () => Promise<void>;
};

/** How much of the process's last words is kept, characters. */
const lastWords = 2_000;
/** The file that the checker writes may have this many bytes. */
const largestOutput = 2 * maxUploadBytes;

export class Checker {
  private readonly folder: string;
  private readonly limits: CheckLimits;

  /** @param folder for files on their way in; made where it is missing */
  constructor(folder: string, limits: CheckLimits = defaultLimits) {
    this.folder = folder;
    this.limits = limits;
  }

  /**
   * Brings `path` into the variant contract, runs it once and describes it.
   * @throws AlpharhoError what is wrong with file or options; check_aborted where it took too long, too much, or killed the process;
   * interrupted when the signal fires
   */
  async check(path: string, given: UploadOptions = {}, signal?: AbortSignal): Promise<Checked> {
    signal?.throwIfAborted();
    const options = readUploadOptions(given);
    const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
      throw new AlpharhoError('model_missing', `cannot be read (${cause.code})`, { cause });
    });
    if (!found.isFile()) throw new AlpharhoError('model_missing', 'is not a regular file');
    const { size } = found;
    if (size > maxUploadBytes)
      throw new AlpharhoError('payload_too_large', `the file has ${size} bytes; at most ${maxUploadBytes} are taken`);
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const output = join(this.folder, `${randomUUID()}.onnx`);
    const dispose = () => rm(output, { force: true });
    try {
      const reply = await this.ask(begin(size, this.limits), { path, output, options }, signal);
      if (!reply.ok) throw new AlpharhoError(reply.code, reply.message);
      const { kind, written, facts, notes } = reply;
      return { kind, path: written ? output : path, facts, notes, dispose };
    } catch (error) {
      await dispose();
      throw error;
    }
  }

  private async ask(child: ChildProcess, request: object, signal: AbortSignal | undefined): Promise<CheckReply> {
    const { timeMs } = this.limits;
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said = `${said}${chunk}`.slice(-lastWords);
    });
    // Not only the process itself: whatever it may have started goes with it.
    const kill = () => {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGKILL');
    };
    return new Promise<unknown>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(
          new AlpharhoError('check_aborted', `the check took more than ${timeMs / 1000} s and was ended: that is no image classifier`),
        );
      }, timeMs);
      const aborted = () => reject(new AlpharhoError('interrupted', 'the check was called off'));
      signal?.addEventListener('abort', aborted);
      // It may have fired while the file was looked at.
      if (signal?.aborted) aborted();
      child.once('message', resolve);
      child.once('error', (cause) => reject(new AlpharhoError('internal', `the file could not be checked: ${cause.message}`, { cause })));
      child.once('close', (code, by) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', aborted);
        reject(new AlpharhoError('check_aborted', `${explain(code, by, said)}: the file is damaged, or made to do harm`));
      });
      child.send(request, () => undefined);
    })
      .finally(kill)
      .then(readReply);
  }
}

function begin(fileBytes: number, { timeMs, heapMb, baseBytes, timesFile }: CheckLimits): ChildProcess {
  const kilobytes = Math.ceil((baseBytes + timesFile * fileBytes) / 1024);
  const script = join(findPackage('@alpharho/dashboard'), 'dist', 'server', 'registry', 'check-child.js');
  // -t: processor time, so that it ends even where nobody is left to end it. -f counts in blocks of 512 bytes.
  const limits = `ulimit -v ${kilobytes} && ulimit -t ${Math.ceil((timeMs / 1000) * 8)} && ulimit -f ${Math.ceil(largestOutput / 512)} && ulimit -c 0`;
  const command = ['-c', `${limits} && exec "$@"`, 'sh', process.execPath, `--max-old-space-size=${heapMb}`, script];
  const child = spawn('/bin/sh', command, {
    detached: true,
    // Nothing of this process's settings is its business.
    env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  // Serving the fleet comes first.
  if (child.pid !== undefined) setPriority(child.pid, 10);
  return child;
}

function explain(code: number | null, by: string | null, said: string): string {
  if (/heap out of memory|bad_alloc|Reached heap limit/.test(said)) return 'the check wanted more memory than it may have';
  if (by === 'SIGXCPU') return 'the check took more processor time than it may have';
  return `the check ended ${by === null ? `with code ${code}` : `by ${by}`}`;
}

function readReply(reply: unknown): CheckReply {
  const parsed = checkReplySchema.safeParse(reply);
  if (parsed.success) return parsed.data;
  throw new AlpharhoError('check_aborted', 'the check gave an answer that makes no sense: the file is damaged, or made to do harm');
}
