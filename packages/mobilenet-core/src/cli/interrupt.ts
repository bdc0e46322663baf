/** @file Ctrl-C and kill as an AbortSignal, so that a long command ends in one line. */
import { AlpharhoError } from '@alpharho/protocol';

const signals = ['SIGINT', 'SIGTERM'] as const;

/** Runs `work` with a signal that aborts (AlpharhoError interrupted) when the process is asked to stop. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = () => controller.abort(new AlpharhoError('interrupted', 'stopped on request'));
  for (const name of signals) process.once(name, stop);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of signals) process.off(name, stop);
  }
}
