/** @file Asks a program once and takes its answer. */
import { execFile } from 'node:child_process';
import { systemCode } from './disk-error.ts';

const answerMs = 10_000;
/** More than any list of cameras, or any frame that is measured, takes. */
const maxBytes = 16_000_000;

export type Answer = { readonly stdout: Buffer; readonly stderr: string; readonly ok: boolean };

/** One that does not answer within ten seconds is killed. @returns undefined where there is no such program. @throws the signal's reason when aborted */
export function runTool(program: string, args: readonly string[], signal?: AbortSignal): Promise<Answer | undefined> {
  return new Promise((resolve, reject) => {
    const options = { encoding: 'buffer', timeout: answerMs, killSignal: 'SIGKILL', maxBuffer: maxBytes, signal } as const;
    execFile(program, args, options, (error, stdout, stderr) => {
      if (signal?.aborted === true) reject(signal.reason);
      else if (systemCode(error) === 'ENOENT') resolve(undefined);
      else resolve({ stdout, stderr: stderr.toString('utf8'), ok: error === null });
    });
  });
}
